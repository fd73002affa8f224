"""A recorded reply and the key it is found by: what an answer sheet is made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

ASKED = ("messages", "tools", "response_format")


@dataclass(frozen=True, slots=True)
class Recording:
    """One reply as an upstream once gave it, or as a program knows it must be.

    Attributes:
        message: the assistant message in OpenAI's shape.
        finish_reason: `stop`, `length` or `tool_calls`.
        usage: `prompt_tokens`, `completion_tokens` and `total_tokens`.
    """

    message: Mapping[str, Any]
    finish_reason: str
    usage: Mapping[str, int]


def recording_key(body: Mapping[str, Any]) -> str:
    """Return the hex SHA-256 of what a chat body asks: messages, tools and response format, as canonical JSON.

    Two bodies have one key exactly when they ask the same in the same way; model, sampling and limits do not count,
    nor does the order of keys. Empty, null and missing are one.
    """
    asked = {name: body[name] for name in ASKED if body.get(name)}
    canonical = json.dumps(asked, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(canonical.encode()).hexdigest()
