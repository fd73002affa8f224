"""Which conversation a request belongs to, and the chances drawn for it once and for all."""

import hashlib
import struct
from collections.abc import Mapping
from typing import Any

import orjson

from policies.policy import Draw
from router.core.errors import BadRequest

SCALE = float(1 << 53)
QUARTERS = struct.Struct(">4Q")


def session_of(body: Mapping[str, Any], header: str | None, key: str) -> str:
    """The conversation's id, 32 hex digits: the same for every turn of it, never the client's own words.

    In this order: the `x-router-session` header, `prompt_cache_key`, else a fingerprint of what all
    turns share: the system prompt, the tools and the first user message. The key takes part, so
    two tenants never share a conversation. Raises BadRequest for what is nested deeper than 250 levels.
    """
    named = header or body.get("prompt_cache_key")
    told = ["named", named] if isinstance(named, str) and named else ["first", _shared_by_all_turns(body)]
    try:
        return hashlib.sha256(orjson.dumps([key, told])).hexdigest()[:32]
    except orjson.JSONEncodeError:
        raise BadRequest(
            "`messages` or `tools` are nested too deep. Send fewer levels.", param="messages", code="invalid_value"
        ) from None


def draw(session: str, salt: bytes) -> Draw:
    """Four independent numbers in [0, 1) for a conversation; same salt, same conversation, same fate.

    They are the quarters of one keyed hash of 256 bits, no bit of which is used twice.
    """
    hashed = hashlib.blake2b(session.encode(), key=salt[:64], person=b"draw", digest_size=32).digest()
    holdout, explore, pick, canary = ((number >> 11) / SCALE for number in QUARTERS.unpack(hashed))
    return Draw(holdout, explore, pick, canary)


def _shared_by_all_turns(body: Mapping[str, Any]) -> list[Any]:
    head: list[Any] = []
    for message in body["messages"]:
        head.append([message.get("role"), message.get("content")])
        if message.get("role") == "user":
            break
    return [head, body.get("tools")]
