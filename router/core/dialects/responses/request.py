"""A Responses body as the chat body it means."""

from collections.abc import Mapping
from typing import Any

from router.core.dialects.chat import MAX_MESSAGES
from router.core.dialects.dialect import Translated
from router.core.dialects.reading import (
    Reading,
    count_in,
    flag_in,
    list_at,
    mapping_at,
    missing,
    model_in,
    object_in,
    options_in,
    text_at,
    wrong,
)
from router.core.dialects.responses.conversation import Conversation
from router.core.dialects.responses.tools import choice_of, tools_of

_NEEDS_STATE = {
    "previous_response_id": "nothing is stored. Send the whole conversation in `input`.",
    "conversation": "nothing is stored. Send the whole conversation in `input`.",
    "prompt": "no prompts are stored. Send its text in `input` and `instructions`.",
    "background": "an answer is given at once or not at all. Leave `background` out.",
    "background_options": "an answer is given at once or not at all. Leave it out.",
}
_MOVED = {
    "messages": "input",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "response_format": "text.format",
    "reasoning_effort": "reasoning.effort",
    "verbosity": "text.verbosity",
    "functions": "tools",
    "function_call": "tool_choice",
    "logprobs": "include",
    "n": "several requests",
    "modalities": "/v1/chat/completions",
    "audio": "/v1/chat/completions",
}
_LEFT_OUT = ("access_programs", "context_management", "image", "max_tool_calls")
_READ = frozenset(
    "input instructions max_output_tokens include top_logprobs reasoning text tools tool_choice "
    "parallel_tool_calls store stream_options truncation".split()
)


def parse(raw: bytes, *, native: bool = False) -> Translated:
    """The request in `raw`. Raises BadRequest naming the parameter.

    `native`: an upstream of this very dialect gets the bytes, so nothing is refused for want of state.
    """
    body, reading = object_in(raw), Reading(native=native)
    model, stream = model_in(body), flag_in(body, "stream")
    _refuse(body, reading)
    chat: dict[str, Any] = {"model": model, "messages": _messages(body, reading)}
    chat |= _carried(body)
    max_tokens = count_in(body, "max_output_tokens")
    if max_tokens is not None:
        chat["max_completion_tokens"] = max_tokens
    chat |= _tools(body, reading)
    chat |= _form(body, reading)
    chat |= _logprobs(body, reading)
    if stream:
        chat["stream_options"] = {"include_usage": True}
    _note(body, reading)
    return Translated(
        raw=raw,
        body=body,
        chat=chat,
        model=model,
        stream=stream,
        wants_usage=True,
        max_tokens=max_tokens,
        stripped=tuple(reading.stripped),
    )


def _refuse(body: Mapping[str, Any], reading: Reading) -> None:
    for name, why in _NEEDS_STATE.items():
        if body.get(name) not in (None, False):
            reading.refuse(name, why)
    for name, home in _MOVED.items():
        if body.get(name) is not None:
            reading.refuse(name, f"it belongs to chat completions. Use {home} instead.")


def _messages(body: Mapping[str, Any], reading: Reading) -> list[dict[str, Any]]:
    conversation = Conversation(reading)
    if body.get("instructions") is not None:
        conversation.say("system", text_at(body["instructions"], "instructions"), "instructions")
    given = body.get("input")
    if isinstance(given, str):
        conversation.say("user", given, "input")
        return conversation.messages()
    if given is None or given == []:
        if _kept_elsewhere(reading):
            return conversation.messages()
        raise missing("input", "a string or a non-empty list of items")
    items = list_at(given, "input")
    if len(items) > MAX_MESSAGES:
        raise wrong("input", f"at most {MAX_MESSAGES} items", "array_above_max_length")
    for index, item in enumerate(items):
        conversation.add(item, f"input[{index}]")
    return conversation.messages() or [{"role": "user", "content": ""}]


def _kept_elsewhere(reading: Reading) -> bool:
    """Whether the words may stand where only a native upstream finds them."""
    return any(name in reading.stripped for name in ("previous_response_id", "conversation", "prompt"))


def _carried(body: Mapping[str, Any]) -> dict[str, Any]:
    """What has the same name and meaning in chat, and what we do not know: it rides along untouched."""
    gone = _READ.union(_NEEDS_STATE, _MOVED, _LEFT_OUT, ("model",))
    return {name: value for name, value in body.items() if name not in gone}


def _tools(body: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    tools = tools_of(body, reading)
    choice = choice_of(body.get("tool_choice"), tools, reading)
    parallel = body.get("parallel_tool_calls")
    found = {"tools": tools or None, "tool_choice": choice, "parallel_tool_calls": parallel if tools else None}
    return {name: value for name, value in found.items() if value is not None}


def _form(body: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    """How the answer is to be thought out and written: `reasoning` and `text`."""
    reasoning, text = options_in(body, "reasoning"), options_in(body, "text")
    for name, value in reasoning.items():
        if name != "effort" and value is not None:
            reading.leave_out(f"reasoning.{name}")
    for name, value in text.items():
        if name not in ("format", "verbosity") and value is not None:
            reading.leave_out(f"text.{name}")
    found = {
        "reasoning_effort": reasoning.get("effort"),
        "verbosity": text.get("verbosity"),
        "response_format": _format(text.get("format")),
    }
    return {name: value for name, value in found.items() if value is not None}


def _format(value: object) -> dict[str, Any] | None:
    if value is None:
        return None
    form = mapping_at(value, "text.format")
    rest = {name: value for name, value in form.items() if name != "type"}
    match form.get("type"):
        case "text":
            return None
        case "json_object":
            return {"type": "json_object"}
        case "json_schema":
            text_at(form.get("name"), "text.format.name")
            mapping_at(form.get("schema"), "text.format.schema")
            return {"type": "json_schema", "json_schema": rest}
    raise wrong("text.format.type", "text, json_object or json_schema", "invalid_value")


def _logprobs(body: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    top, wanted = count_in(body, "top_logprobs"), bool(body.get("top_logprobs"))
    include = body.get("include")
    for name in list_at(include, "include") if include is not None else ():
        if name == "message.output_text.logprobs":
            wanted = True
        else:
            reading.leave_out(f"include.{name}")
    if not wanted:
        return {}
    return {"logprobs": True, "top_logprobs": top} if top is not None else {"logprobs": True}


def _note(body: Mapping[str, Any], reading: Reading) -> None:
    """Write down what is left out at the top of the body."""
    for name in _LEFT_OUT:
        if body.get(name) is not None:
            reading.leave_out(name)
    if flag_in(body, "store"):
        reading.leave_out("store")
    if body.get("truncation") not in (None, "disabled"):
        reading.leave_out("truncation")
    for name, value in options_in(body, "stream_options").items():
        if value:
            reading.leave_out(f"stream_options.{name}")
    if body.get("parallel_tool_calls") is False and not body.get("tools"):
        reading.leave_out("parallel_tool_calls")
