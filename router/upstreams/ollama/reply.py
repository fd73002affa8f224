"""What `POST /api/chat` answers, whole or line by line, in OpenAI's shape."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

LINE_LIMIT = 8 * 2**20
DONE = b"data: [DONE]\n\n"
TOO_LONG = ("longer than the context", "exceeds the available context", "exceeds the context", "exceed_context_size")


@dataclass(frozen=True, slots=True)
class Frame:
    """What all chunks of one answer share."""

    id: str
    model: str
    created: int

    def event(self, **more: Any) -> bytes:
        """One server-sent event."""
        return b"data: " + orjson.dumps(self.shell("chat.completion.chunk") | more) + b"\n\n"

    def shell(self, kind: str) -> dict[str, Any]:
        """The fields around the choices."""
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


def whole(frame: Frame, said: Mapping[str, Any]) -> bytes:
    """A chat completion for a whole native answer."""
    heard = said.get("message")
    heard = heard if isinstance(heard, dict) else {}
    calls = calls_of(frame, heard, 0)
    text = heard.get("content")
    message: dict[str, Any] = {"role": "assistant", "content": text if text or not calls else None}
    if heard.get("thinking"):
        message["reasoning_content"] = heard["thinking"]
    if calls:
        message["tool_calls"] = calls
    choice = {
        "index": 0,
        "message": message,
        "logprobs": logprobs_of(said),
        "finish_reason": finish_of(said, called=bool(calls)),
    }
    body = frame.shell("chat.completion") | {"choices": [choice]}
    usage = usage_of(said)
    return orjson.dumps(body | {"usage": usage} if usage else body)


def calls_of(frame: Frame, heard: Mapping[str, Any], first: int) -> list[dict[str, Any]]:
    """The tool calls of a message: arguments as text, and an id where the server gave none."""
    calls = heard.get("tool_calls")
    found = []
    for number, call in enumerate(filter(_is_mapping, calls) if isinstance(calls, list) else (), first):
        function = call.get("function") or {}
        arguments = function.get("arguments", {})
        text = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
        name = call.get("id") or f"call_{frame.id[-12:]}_{number}"
        found.append(
            {"id": name, "type": "function", "function": {"name": function.get("name", ""), "arguments": text}}
        )
    return found


def finish_of(said: Mapping[str, Any], *, called: bool) -> str:
    """OpenAI's word for why it ended."""
    if called:
        return "tool_calls"
    return "length" if said.get("done_reason") in ("length", "limit") else "stop"


def logprobs_of(said: Mapping[str, Any]) -> dict[str, Any] | None:
    """Log-probabilities with the two fields that Ollama leaves out when they are empty."""
    given = said.get("logprobs")
    if not isinstance(given, list) or not given:
        return None
    entries = [
        _entry(one) | {"top_logprobs": [_entry(other) for other in filter(_is_mapping, one.get("top_logprobs") or ())]}
        for one in filter(_is_mapping, given)
    ]
    return {"content": entries, "refusal": None}


def usage_of(said: Mapping[str, Any]) -> dict[str, Any] | None:
    """The counts. None where the prompt's is missing, as older servers have it when all of it was cached."""
    prompt, completion = said.get("prompt_eval_count"), said.get("eval_count")
    if not isinstance(prompt, int):
        return None
    answer = completion if isinstance(completion, int) else 0
    usage: dict[str, Any] = {
        "prompt_tokens": prompt,
        "completion_tokens": answer,
        "total_tokens": prompt + answer,
    }
    cached = said.get("prompt_eval_cached_count")
    if isinstance(cached, int):
        usage["prompt_tokens_details"] = {"cached_tokens": cached}
    return usage


def too_long(words: str) -> bool:
    """Whether an error's words say that the prompt did not fit."""
    return any(phrase in words for phrase in TOO_LONG)


class Lines:
    """Cuts a stream into lines of JSON, wherever the pieces end. A last line without an end is no line."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[Any]:
        """The values of the lines that `data` completes. Raises ValueError for what is no JSON or has no end."""
        self._held += data
        if len(self._held) > LINE_LIMIT:
            raise ValueError(f"a line is longer than {LINE_LIMIT:,} bytes")
        *lines, rest = bytes(self._held).split(b"\n")
        self._held = bytearray(rest)
        return (orjson.loads(line) for line in lines if line.strip())

    def rest(self) -> Iterator[Any]:
        """What is left at the end: a line that only lacked its newline, or nothing."""
        rest, self._held = bytes(self._held).strip(), bytearray()
        return iter([orjson.loads(rest)] if rest else [])


class EventWriter:
    """Writes the lines of Ollama's stream as the events of a chat stream."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._begun = False
        self._calls = 0

    def events(self, said: Any) -> list[bytes]:
        """The events for one line."""
        if not isinstance(said, dict) or "error" in said:
            return [b"data: " + orjson.dumps({"error": error_object(said)}) + b"\n\n"]
        heard = said.get("message")
        events = [self._delta(said, delta) for delta in self._deltas(heard if isinstance(heard, dict) else {})]
        if not events and said.get("logprobs"):
            events = [self._delta(said, {})]
        return [*events, *self._end(said)] if said.get("done") else events

    def _deltas(self, heard: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
        delta: dict[str, Any] = {}
        if not self._begun:
            self._begun = True
            delta["role"] = "assistant"
        if heard.get("content"):
            delta["content"] = heard["content"]
        if heard.get("thinking"):
            delta["reasoning_content"] = heard["thinking"]
        calls = calls_of(self._frame, heard, self._calls)
        if calls:
            delta["tool_calls"] = [{"index": self._calls + n, **call} for n, call in enumerate(calls)]
            self._calls += len(calls)
        return [delta] if delta else []

    def _delta(self, said: Mapping[str, Any], delta: Mapping[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": logprobs_of(said), "finish_reason": finish}
        return self._frame.event(choices=[choice])

    def _end(self, said: Mapping[str, Any]) -> list[bytes]:
        usage = usage_of(said)
        last = [self._delta({}, {}, finish_of(said, called=self._calls > 0))]
        return [*last, *([self._frame.event(choices=[], usage=usage)] if usage else []), DONE]


def error_object(said: object) -> dict[str, Any]:
    """A native error as OpenAI's object."""
    error = said.get("error") if isinstance(said, dict) else None
    words = error.get("message", "") if isinstance(error, dict) else error
    text = words if isinstance(words, str) and words else "the server sent no answer"
    code = "context_length_exceeded" if too_long(text) or too_long(str(error)) else None
    kind = "invalid_request_error" if code else "api_error"
    return {"message": text, "type": kind, "param": "messages" if code else None, "code": code}


def _entry(one: Mapping[str, Any]) -> dict[str, Any]:
    token = one.get("token", "")
    given = one.get("bytes")
    return {
        "token": token,
        "logprob": one.get("logprob"),
        "bytes": given if given is not None else list(str(token).encode()),
    }


def _is_mapping(value: object) -> bool:
    return isinstance(value, dict)
