"""A chat completion as a Messages reply."""

from collections.abc import Mapping
from typing import Any

import orjson

from router.core.dialects.dialect import Translated
from router.core.dialects.messages.checks import mapping_or_empty, mappings_in
from router.core.dialects.messages.spoken import (
    blocks_in,
    call_id,
    calls_in,
    function_of,
    input_of,
    message_id,
    shows_thinking,
    thoughts_of,
    words_of,
)
from router.core.dialects.messages.stops import stop_of
from router.core.dialects.messages.usage import anthropic_usage
from router.core.reply import chars_of
from router.core.tokens import prompt_tokens, text_tokens


def reply(request: Translated, completion: Mapping[str, Any]) -> bytes:
    """The Messages body for the first choice. Arguments of calls keep their bytes."""
    choice = _first(completion)
    message = mapping_or_empty(choice.get("message"))
    blocks = blocks_of(message, thinking=shows_thinking(request.body))
    usage = mapping_or_empty(completion.get("usage")) or guessed(request, chars_of(message))
    return orjson.dumps(
        {
            "id": message_id(completion.get("id")),
            "type": "message",
            "role": "assistant",
            "model": completion.get("model") or request.model,
            "content": blocks,
            **stop_of(
                choice,
                request.chat.get("stop") or (),
                calls=bool(calls_in(message)),
                refused=bool(message.get("refusal")),
            ),
            "usage": anthropic_usage(usage),
        }
    )


def blocks_of(message: Mapping[str, Any], *, thinking: bool) -> list[dict[str, Any]]:
    """Content blocks for a chat message: thoughts, text, calls. A block of text is never empty."""
    blocks = thinking_in(message) if thinking else []
    if words := words_of(message):
        blocks.append({"type": "text", "text": words})
    for index, call in enumerate(calls_in(message)):
        name, arguments = function_of(call)
        blocks.append({"type": "tool_use", "id": call_id(call, index), "name": name, "input": input_of(arguments)})
    return blocks


def thinking_in(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The thinking blocks that came along, or the reasoning as one with an empty signature."""
    if blocks := blocks_in(message):
        return [dict(block) for block in blocks]
    thoughts = thoughts_of(message)
    return [{"type": "thinking", "thinking": thoughts, "signature": ""}] if thoughts else []


def guessed(request: Translated, chars: int) -> dict[str, Any]:
    """Estimated counts if the upstream gave none: clients watch them to know when a conversation is full."""
    return {"prompt_tokens": prompt_tokens(request.chat), "completion_tokens": text_tokens(chars)}


def _first(completion: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = mappings_in(completion.get("choices"))
    return next((choice for choice in choices if choice.get("index", 0) == 0), choices[0] if choices else {})
