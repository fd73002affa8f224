"""What a chat message or a delta says, whichever words its server has for it."""

from collections.abc import Mapping
from typing import Any

import orjson

from router.core.dialects.messages.checks import mapping_or_empty, mappings_in
from router.core.reply import text_of

UNREADABLE = "INVALID_JSON"  # Anthropic's own name for arguments that a model wrote wrong


def thoughts_of(message: Mapping[str, Any]) -> str:
    """The reasoning beside an answer, empty when none: under vLLM's and llama.cpp's name, or OpenRouter's."""
    for name in ("reasoning_content", "reasoning"):
        if isinstance(message.get(name), str) and message[name]:
            return str(message[name])
    return ""


def words_of(message: Mapping[str, Any]) -> str:
    """The text for the reader, a refusal included."""
    refusal = message.get("refusal")
    return text_of(message) + (refusal if isinstance(refusal, str) else "")


def blocks_in(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The thinking blocks that ride along, whole."""
    return mappings_in(message.get("thinking_blocks"))


def calls_in(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The tool calls, or fragments of them, that name a function."""
    return mappings_in(message.get("tool_calls"))


def function_of(call: Mapping[str, Any]) -> tuple[str, str]:
    """Name and arguments of a call, the arguments as the bytes they came in."""
    function = mapping_or_empty(call.get("function"))
    name, arguments = function.get("name"), function.get("arguments")
    if isinstance(arguments, dict):  # not OpenAI's shape, but seen
        arguments = orjson.dumps(arguments).decode()
    return name if isinstance(name, str) else "", arguments if isinstance(arguments, str) else ""


def is_object(arguments: str) -> bool:
    """Whether arguments are one whole JSON object."""
    try:
        return isinstance(orjson.loads(arguments), dict)
    except orjson.JSONDecodeError:
        return False


def input_of(arguments: str) -> Any:
    """A tool's `input` that encodes to the very bytes of `arguments`; to be written by orjson.

    None at all is an empty object. What is no object cannot be an input: it goes wrapped, under the
    key that Anthropic's documentation gives for it, so that the model is told what it wrote.
    """
    if not arguments.strip():
        return {}
    return orjson.Fragment(arguments) if is_object(arguments) else {UNREADABLE: arguments}


def call_id(call: Mapping[str, Any], index: int) -> str:
    """The call's own id, or one from its place where the server gave none."""
    found = call.get("id")
    return found if isinstance(found, str) and found else f"toolu_{index}"


def message_id(reply_id: object) -> str:
    """An id as Messages has them, from the upstream's own so that both can be found."""
    found = reply_id if isinstance(reply_id, str) and reply_id else "none"
    return found if found.startswith("msg_") else f"msg_{found}"


def shows_thinking(body: Mapping[str, Any]) -> bool:
    """Whether a Messages client wants to see the thinking: unless it switched it off or hid it."""
    asked = body.get("thinking")
    return not isinstance(asked, dict) or (asked.get("type") != "disabled" and asked.get("display") != "omitted")
