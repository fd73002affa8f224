"""What Anthropic's own server sends: a message whole, or the events of one."""

import json
from collections.abc import Mapping
from typing import Any

from tests.standins.acts import Act, Received, json_act, stream_act

USAGE: Mapping[str, int] = {
    "input_tokens": 4,
    "cache_creation_input_tokens": 2,
    "cache_read_input_tokens": 3,
    "output_tokens": 5,
}


def event(kind: str, **fields: Any) -> bytes:
    """One named event."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def message(request: Received, text: str, **fields: Any) -> dict[str, Any]:
    """A whole message; `odd` is a field nobody here knows."""
    return {
        "id": "msg_standin",
        "type": "message",
        "role": "assistant",
        "model": request.json["model"],
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": dict(USAGE),
        "odd": 1,
        **fields,
    }


def events(request: Received, text: str) -> list[bytes]:
    """The events of the same message."""
    begun = message(request, text) | {"content": [], "stop_reason": None}
    pieces = [event("message_start", message=begun), event("ping")]
    pieces.append(event("content_block_start", index=0, content_block={"type": "text", "text": ""}))
    for word in text.split(" "):
        said = word if word == text.split(" ")[0] else f" {word}"
        pieces.append(event("content_block_delta", index=0, delta={"type": "text_delta", "text": said}))
    pieces.append(event("content_block_stop", index=0))
    stop = {"stop_reason": "end_turn", "stop_sequence": None}
    return [*pieces, event("message_delta", delta=stop, usage={"output_tokens": 5}), event("message_stop")]


def message_act(request: Received, text: str) -> Act:
    """The message, whole or streamed as the request asks."""
    return stream_act(events(request, text)) if request.wants_stream else json_act(message(request, text))
