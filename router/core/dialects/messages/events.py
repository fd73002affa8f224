"""The events of a Messages stream, as bytes."""

from collections.abc import Mapping
from typing import Any

import orjson

PING = b'event: ping\ndata: {"type":"ping"}\n\n'


def event(kind: str, **fields: Any) -> bytes:
    """One server-sent event; its name is repeated as the `type` of its data."""
    return b"event: " + kind.encode() + b"\ndata: " + orjson.dumps({"type": kind, **fields}) + b"\n\n"


def started(message: Mapping[str, Any]) -> bytes:
    """The head of a stream: the message with nothing in it yet, and a ping as Anthropic sends one."""
    return event("message_start", message=message) + PING


def opened(index: int, block: Mapping[str, Any]) -> bytes:
    """A content block begins."""
    return event("content_block_start", index=index, content_block=block)


def added(index: int, kind: str, name: str, piece: str) -> bytes:
    """A piece of the block at `index`: a delta of type `kind` with the piece under `name`."""
    return event("content_block_delta", index=index, delta={"type": kind, name: piece})


def closed(index: int) -> bytes:
    """The block at `index` is whole."""
    return event("content_block_stop", index=index)


def ended(stop: Mapping[str, Any], usage: Mapping[str, Any]) -> bytes:
    """The end of a complete answer."""
    return event("message_delta", delta=stop, usage=usage) + event("message_stop")
