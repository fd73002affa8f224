"""An Anthropic stream, read as the chunks of a chat stream."""

from collections.abc import Mapping
from typing import Any

import orjson

from router.core.dialects.messages.checks import mapping_or_empty
from router.core.dialects.messages.incoming import error_from_anthropic
from router.core.dialects.messages.stops import finish_of
from router.core.dialects.messages.usage import openai_usage
from router.core.reply import error_of, parsed
from router.core.stream import data_of

DONE = b"data: [DONE]\n\n"
Delta = dict[str, Any]


class Reader:
    """One stream: every event in, the chunks it becomes out. `created` is in Unix seconds.

    The first chunk carries the role, the last the usage with no choices. `done` is true once
    `message_stop` came; a stream that ends before it was cut. `begun`: it has begun to think, or to use
    a tool, of which a chat may see nothing for long.
    """

    def __init__(self, created: int) -> None:
        self.done = self.begun = False
        self._created = created
        self._id = ""
        self._model = ""
        self._usage: dict[str, Any] = {}
        self._blocks: dict[int, dict[str, Any]] = {}
        self._calls = 0

    @property
    def usage(self) -> dict[str, Any] | None:
        """What it has counted so far, in OpenAI's words; None before `message_start`."""
        return openai_usage(self._usage) if self._usage else None

    def read(self, event: bytes) -> bytes:
        """The chat events for one whole Anthropic event, [DONE] after the last; b"" for none."""
        data = data_of(event)
        if not data or self.done:
            return b""
        decoded = parsed(data)
        chunks = self.feed(decoded) if isinstance(decoded, dict) else [{"error": error_of(decoded)}]
        written = b"".join(b"data: " + orjson.dumps(chunk) + b"\n\n" for chunk in chunks)
        return written + DONE if self.done else written

    def feed(self, event: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The chunks for one event's data; none for a ping or an unknown event type."""
        match event.get("type"):
            case "message_start":
                return self._start(mapping_or_empty(event.get("message")))
            case "content_block_start":
                return self._deltas(self._open(_index(event), dict(mapping_or_empty(event.get("content_block")))))
            case "content_block_delta":
                return self._deltas(self._add(_index(event), mapping_or_empty(event.get("delta"))))
            case "content_block_stop":
                return self._deltas(self._close(_index(event)))
            case "message_delta":
                return self._finish(event)
            case "message_stop":
                self.done = True
                return [{**self._chunk([]), "usage": openai_usage(self._usage)}]
            case "error":
                return [error_from_anthropic(event)]
        return []

    def _start(self, message: Mapping[str, Any]) -> list[dict[str, Any]]:
        self._id, self._model = _word(message, "id"), _word(message, "model")
        self._usage = dict(mapping_or_empty(message.get("usage")))
        return self._deltas({"role": "assistant", "content": ""})

    def _open(self, index: int, block: dict[str, Any]) -> Delta:
        self._blocks[index] = block
        self.begun |= block.get("type") != "text"
        match block.get("type"):
            case "tool_use":
                block["call"], self._calls = self._calls, self._calls + 1
                function = {"name": block.get("name"), "arguments": ""}
                call = {"index": block["call"], "id": block.get("id"), "type": "function", "function": function}
                return {"tool_calls": [call]}
            case "text" if block.get("text"):
                return {"content": block["text"]}
            case "thinking" if block.get("thinking"):
                return {"reasoning_content": block["thinking"]}
        return {}

    def _add(self, index: int, delta: Mapping[str, Any]) -> Delta:
        block = self._blocks.setdefault(index, {})
        match delta.get("type"):
            case "text_delta":
                return {"content": _word(delta, "text")}
            case "thinking_delta":
                block["thinking"] = _word(block, "thinking") + _word(delta, "thinking")
                return {"reasoning_content": _word(delta, "thinking")}
            case "signature_delta":
                block["signature"] = _word(block, "signature") + _word(delta, "signature")
            case "input_json_delta" if delta.get("partial_json"):
                block["sent"] = True
                return self._arguments(block, delta["partial_json"])
        return {}

    def _close(self, index: int) -> Delta:
        """Arguments that came with the block's start or not at all; thoughts whole, with their signature."""
        block = self._blocks.pop(index, {})
        if block.get("type") == "tool_use" and not block.get("sent"):
            return self._arguments(block, orjson.dumps(block.get("input") or {}).decode())
        return {"thinking_blocks": [block]} if block.get("type") in ("thinking", "redacted_thinking") else {}

    def _arguments(self, block: Mapping[str, Any], piece: str) -> Delta:
        return {"tool_calls": [{"index": block.get("call", 0), "function": {"arguments": piece}}]}

    def _finish(self, event: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Counts here are totals, and name only what changed since the start."""
        self._usage |= {
            name: count for name, count in mapping_or_empty(event.get("usage")).items() if count is not None
        }
        finish = finish_of(mapping_or_empty(event.get("delta")))
        return [self._chunk([{"index": 0, "delta": {}, "logprobs": None, **finish}])]

    def _deltas(self, delta: Delta) -> list[dict[str, Any]]:
        if not delta:
            return []
        return [self._chunk([{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}])]

    def _chunk(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        head = {"id": self._id, "object": "chat.completion.chunk", "created": self._created, "model": self._model}
        return {**head, "choices": choices}


def _index(event: Mapping[str, Any]) -> int:
    index = event.get("index")
    return index if isinstance(index, int) else 0


def _word(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""
