"""Which conversation a request belongs to, and the random numbers drawn for that conversation."""

import hashlib
import struct
from collections.abc import Mapping
from typing import Any

import orjson

from policies.policy import Draw
from router.core.errors import BadRequest

SCALE = float(1 << 53)
MAX_HASHED = 1 << 20  # bytes; of a longer beginning its own beginning, end and length
QUARTERS = struct.Struct(">4Q")
OURS = "x-router-session"
# What agents send with every request of a conversation. Codex' `thread-id` is one thread, its `session-id`
# (and its `prompt_cache_key`) the whole tree of them; `x-client-request-id` is new with every request.
AGENTS: tuple[tuple[str, ...], ...] = (
    ("x-claude-code-session-id", "x-claude-code-agent-id"),
    ("thread-id",),
    ("session-id",),
    ("session_id",),
    ("x-opencode-session",),
    ("x-qwen-code-session-id",),
    ("x-amp-thread-id",),
    ("x-session-id",),
    ("x-session-affinity",),
)
USERS = frozenset(("metadata", "safety_identifier", "user"))
NAMING = frozenset((OURS, *(name for names in AGENTS for name in names)))


def named_session(headers: Mapping[str, str]) -> str | None:
    """What a request's headers call its conversation: ours first, then the agents' own; None where none does.

    Names that tell a sub-agent from its parent take part, since the two hold different conversations.
    `headers` has lower-case names.
    """
    if NAMING.isdisjoint(headers):
        return None
    if said := headers.get(OURS):
        return said
    for names in AGENTS:
        said = "/".join(value for name in names if (value := headers.get(name)))
        if said:
            return f"{names[0]}:{said}"
    return None


def session_of(body: Mapping[str, Any], named: str | None, key: str, salt: bytes = b"") -> str:
    """The conversation's id, 32 hex digits: the same for every turn of it, never the client's own words.

    In this order: `named` (a header said so), `prompt_cache_key`, a session inside the user's id (as
    Claude Code writes it into `metadata.user_id`), else a fingerprint of what all turns share: the
    system prompt, the tools, the first user message and the user. The key takes part, so two tenants
    never share a conversation. Raises BadRequest for what is nested deeper than 250 levels.
    """
    user = user_of(body)
    name = named or _text(body.get("prompt_cache_key")) or (user and _session_in(user))
    identity = ["named", name] if name else ["first", *_shared_by_all_turns(body, user)]
    try:
        plain = orjson.dumps([key, identity])
    except orjson.JSONEncodeError:
        raise BadRequest(
            "`messages` or `tools` are nested too deep. Send fewer levels.", param="messages", code="invalid_value"
        ) from None
    if len(plain) > MAX_HASHED:  # as long as two conversations that begin and end alike are never
        plain = b"%b %d %b" % (plain[: MAX_HASHED // 2], len(plain), plain[-MAX_HASHED // 2 :])
    return hashlib.blake2b(plain, key=salt[:64], person=b"session", digest_size=16).hexdigest()


def _session_in(user: str) -> str:
    """The session in a user's id: `user_…_session_UUID`, or a JSON object with a `session_id`."""
    if user.startswith("{"):
        try:
            return _text(_mapping(orjson.loads(user)).get("session_id"))
        except orjson.JSONDecodeError:
            return ""
    _, marked, session = user.rpartition("_session_")
    return session if marked else ""


def user_of(body: Mapping[str, Any]) -> str:
    """What the client calls its own user, "" where it says nothing."""
    if USERS.isdisjoint(body):
        return ""
    metadata = body.get("metadata")
    inner = metadata.get("user_id") if isinstance(metadata, dict) else None
    return _text(body.get("safety_identifier")) or _text(body.get("user")) or _text(inner)


def draw(session: str, salt: bytes) -> Draw:
    """Four independent numbers in [0, 1) for a conversation; the same ones for every request of it.

    They are the quarters of one keyed hash of 256 bits, so no bit is used twice.
    """
    hashed = hashlib.blake2b(session.encode(), key=salt[:64], person=b"draw", digest_size=32).digest()
    holdout, explore, pick, canary = QUARTERS.unpack(hashed)
    return Draw((holdout >> 11) / SCALE, (explore >> 11) / SCALE, (pick >> 11) / SCALE, (canary >> 11) / SCALE)


def _shared_by_all_turns(body: Mapping[str, Any], user: str) -> list[Any]:
    head: list[Any] = []
    for message in body["messages"]:
        role = message.get("role")
        head.append((role, message.get("content")))
        if role == "user":
            break
    shared = [head, body.get("tools")]
    return [*shared, user] if user else shared


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
