"""litellm's answers as OpenAI's bytes: its own additions left out, every token in one bucket."""

from collections.abc import Mapping
from typing import Any

import orjson

EXTRA = frozenset({"provider_specific_fields", "citations", "vertex_ai_grounding_metadata"})
FRAME = ("id", "created", "model", "system_fingerprint", "service_tier")
CHOICE = ("index", "finish_reason", "logprobs")


def whole(answer: Mapping[str, Any]) -> bytes:
    """The body of a chat completion; `content` stays, also when it is null."""
    choices = [
        {"logprobs": None, **_known(choice, CHOICE), "message": _message(choice.get("message") or {})}
        for choice in answer.get("choices") or ()
    ]
    body = _known(answer, FRAME)
    return orjson.dumps({**body, "object": "chat.completion", "choices": choices, "usage": usage(answer)})


def event(chunk: Mapping[str, Any], *, first: bool) -> bytes:
    """One server-sent event; b"" for a chunk that says nothing. The first delta carries the role."""
    choices = [_streamed(choice, first) for choice in chunk.get("choices") or ()]
    frame = _known(chunk, FRAME)
    frame |= {"object": "chat.completion.chunk", "choices": choices}
    return b"data: " + orjson.dumps(frame) + b"\n\n"


def usage_event(chunk: Mapping[str, Any]) -> bytes:
    """The chunk that has no choices and says what was used."""
    frame = _known(chunk, FRAME)
    frame |= {"object": "chat.completion.chunk", "choices": [], "usage": usage(chunk)}
    return b"data: " + orjson.dumps(frame) + b"\n\n"


def usage(answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """OpenAI's counts: `prompt_tokens` holds the cached and the written tokens, named in its details."""
    said = answer.get("usage")
    if not isinstance(said, Mapping):
        return None
    into, out = said.get("prompt_tokens_details") or {}, said.get("completion_tokens_details") or {}
    cached = into.get("cached_tokens") or said.get("cache_read_input_tokens") or 0
    written = into.get("cache_write_tokens") or said.get("cache_creation_input_tokens") or 0
    prompt, completion = said.get("prompt_tokens") or 0, said.get("completion_tokens") or 0
    if not prompt + completion:  # litellm's zeros for a provider that counted nothing
        return None
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
        "completion_tokens_details": {"reasoning_tokens": out.get("reasoning_tokens") or 0},
    }


def _streamed(choice: Mapping[str, Any], first: bool) -> dict[str, Any]:
    delta = _said(choice.get("delta") or {})
    delta.pop("role", None)
    if first:
        delta = {"role": "assistant", "content": "", **delta}
    known = _known(choice, CHOICE)
    return {"finish_reason": None, **known, "delta": delta}


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    said = _said(message)
    for call in said.get("tool_calls") or ():
        call.pop("index", None)  # of a stream only
    return {"role": "assistant", "content": None, **said}


def _said(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message or delta without what litellm adds, and without what says nothing."""
    said = {name: value for name, value in message.items() if name not in EXTRA and value not in (None, [])}
    if "tool_calls" in said:
        said["tool_calls"] = [_call(call) for call in said["tool_calls"]]
    return said


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    """A call, or a piece of one: id, type and name stand in the first piece only."""
    kept = {name: value for name, value in call.items() if name not in EXTRA and value is not None}
    function = call.get("function") or {}
    kept["function"] = {name: value for name, value in function.items() if value is not None}
    if "id" not in kept:
        kept.pop("type", None)
    return kept


def _known(value: Mapping[str, Any], keep: tuple[str, ...]) -> dict[str, Any]:
    return {name: value[name] for name in keep if value.get(name) is not None}
