"""Responses as they come from an upstream, read as chat."""

from collections.abc import Mapping, Sequence
from typing import Any

_ENDS = ("response.completed", "response.incomplete")
_TEXTS: Mapping[str, str] = {
    "response.output_text.delta": "content",
    "response.refusal.delta": "refusal",
    "response.reasoning_text.delta": "reasoning_content",
    "response.reasoning_summary_text.delta": "reasoning_content",
}
_CALLS = ("response.function_call_arguments.delta", "response.custom_tool_call_input.delta")
_CUT_SHORT: Mapping[str, str] = {"max_output_tokens": "length", "content_filter": "content_filter"}
_NAMES: Mapping[str, str] = {
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "input_tokens_details": "prompt_tokens_details",
    "output_tokens_details": "completion_tokens_details",
}


class ItemReader:
    """Satisfies `NativeReader`. The end is `response.completed` or `response.incomplete`."""

    def __init__(self) -> None:
        self.ended = self.begun = False
        self._head: dict[str, Any] = {}

    def feed(self, event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The chunk for one typed event; those that only frame others become none."""
        kind = event.get("type")
        if kind in ("error", "response.failed"):
            return [{"error": _error_in(event)}]
        if kind == "response.created":
            response = _mapping(event.get("response"))
            self._head = {"id": response.get("id"), "model": response.get("model")}
            return [self._chunk({"role": "assistant"})]
        if kind in _ENDS:
            self.ended = True
            return [self._last(_mapping(event.get("response")))]
        if isinstance(kind, str) and kind in _TEXTS and isinstance(event.get("delta"), str):
            return [self._chunk({_TEXTS[kind]: event["delta"]})]
        self.begun |= kind == "response.output_item.added" and _mapping(event.get("item")).get("type") != "message"
        call = self._call(event)
        return [self._chunk({"tool_calls": [call]})] if call else []

    def whole(self, reply: Mapping[str, Any]) -> Mapping[str, Any]:
        """The chat completion for a response object; one that failed is an error."""
        if reply.get("status") == "failed":
            return {"error": _error_in({"response": reply})}
        choice = {"index": 0, "message": _message(reply), "finish_reason": _reason(reply)}
        return {"id": reply.get("id"), "model": reply.get("model"), "choices": [choice], "usage": _usage(reply)}

    def _call(self, event: Mapping[str, Any]) -> dict[str, Any] | None:
        """The beginning of a call, or a fragment of its arguments."""
        index = event.get("output_index")
        if event.get("type") == "response.output_item.added":
            item = _mapping(event.get("item"))
            return {**_call_of(item), "index": index} if _is_call(item) else None
        if event.get("type") in _CALLS and isinstance(event.get("delta"), str):
            return {"index": index, "function": {"arguments": event["delta"]}}
        return None

    def _last(self, response: Mapping[str, Any]) -> dict[str, Any]:
        end = {"index": 0, "delta": {}, "finish_reason": _reason(response)}
        return {**self._head, "choices": [end], "usage": _usage(response)}

    def _chunk(self, delta: Mapping[str, Any]) -> dict[str, Any]:
        return {**self._head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}


def _error_in(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The error, wherever it is: in the event, under `error`, or in the response that failed."""
    for found in (event.get("error"), _mapping(event.get("response")).get("error")):
        if isinstance(found, dict):
            return found
    return {"message": event.get("message"), "code": event.get("code")}


def _reason(response: Mapping[str, Any]) -> str:
    if response.get("status") == "incomplete":
        why = _mapping(response.get("incomplete_details")).get("reason")
        return _CUT_SHORT.get(why, "length") if isinstance(why, str) else "length"
    return "tool_calls" if any(map(_is_call, _items(response))) else "stop"


def _message(response: Mapping[str, Any]) -> dict[str, Any]:
    parts = [part for item in _items(response) for part in _parts(item)]
    text = "".join(_text(part, "text") for part in parts if part.get("type") == "output_text")
    refusal = "".join(_text(part, "refusal") for part in parts if part.get("type") == "refusal")
    message: dict[str, Any] = {"role": "assistant", "content": text or None, "refusal": refusal or None}
    if calls := [_call_of(item) for item in _items(response) if _is_call(item)]:
        message["tool_calls"] = calls
    return message


def _items(response: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    output = response.get("output")
    return [item for item in output if isinstance(item, dict)] if isinstance(output, list) else []


def _parts(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = item.get("content")
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _is_call(item: Mapping[str, Any]) -> bool:
    return item.get("type") in ("function_call", "custom_tool_call")


def _call_of(item: Mapping[str, Any]) -> dict[str, Any]:
    said = item.get("arguments") if item.get("type") == "function_call" else item.get("input")
    arguments = said if isinstance(said, str) else ""
    return {
        "id": item.get("call_id"),
        "type": "function",
        "function": {"name": item.get("name"), "arguments": arguments},
    }


def _usage(response: Mapping[str, Any]) -> dict[str, Any] | None:
    usage = response.get("usage")
    if not isinstance(usage, dict) or not usage:
        return None
    return {_NAMES.get(str(name), str(name)): value for name, value in usage.items()}


def _text(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
