"""A chat body cut to its target by splicing: what the target takes leaves byte for byte as it came."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from router.core.dialects.chat import ChatRequest
from router.core.families import STRANGER
from router.core.sanitise.conversation import quirks, sanitise
from router.core.sanitise.target import Target
from router.core.splice import elements

DEVELOPER = b'"developer"'


def tailored(
    request: ChatRequest, model: str, target: Target | None, *, foreign: bool
) -> tuple[bytes, tuple[str, ...]]:
    """The bytes for an upstream that knows the model as `model`, and what was changed, in words for the ledger.

    `target` None takes everything. `foreign`: another model has answered in this conversation, or may
    have, so what it left there is looked for as well. Messages that need no change keep their bytes.
    """
    if target is None and not foreign:
        return request.encoded(model), ()
    target = target or STRANGER
    body = request.body
    if foreign:
        fit, notes = sanitise(body, target)
    else:
        fit, notes = quirks(body, target, developer=DEVELOPER in request.raw)
    unasked = request.stream and "stream_options" in target.rejects
    if not notes and not unasked:
        return request.encoded(model), ()
    changes = _changes(request, fit)
    if unasked:
        changes["stream_options"] = None
    return request.encoded(model, changes), notes


def _changes(request: ChatRequest, fit: Mapping[str, Any]) -> dict[str, bytes | None]:
    body = request.body
    changes: dict[str, bytes | None] = {name: None for name in body if name not in fit}
    for name, value in fit.items():
        if name == "messages" and value is not body["messages"]:
            changes[name] = _messages(request, value)
        elif name not in body or value is not body[name]:
            changes[name] = orjson.dumps(value)
    return changes


def _messages(request: ChatRequest, messages: Sequence[Any]) -> bytes:
    """The messages as JSON: those that are still the client's own with the client's own bytes."""
    raw = elements(request.raw, "messages")
    own = {id(message): at for message, at in zip(request.body["messages"], raw, strict=True)}
    return b"[" + b",".join(own.get(id(message)) or orjson.dumps(message) for message in messages) + b"]"
