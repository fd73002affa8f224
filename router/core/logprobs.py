"""Token log-probabilities: read with every server's quirks in mind, and taken out of what we had added."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

FLOOR = -50.0
"""No token is less sure: what is below (vLLM's -9999 for "outside the top k") is no measure."""
SLACK = 0.01
"""How far above 0 rounding may lift a log-probability; what is higher is none (some servers send a probability)."""


def of_content(entries: Sequence[Mapping[str, Any]]) -> tuple[float, ...] | None:
    """The log-probabilities of the content's tokens, each in [-50, 0]; None where they are not known.

    The end token is left out: llama.cpp counts it in a whole reply and not in a streamed one. An entry without
    a number, or with one that no log-probability can be, makes the whole unknown: absent is never sure.
    """
    found: list[float] = []
    for place, entry in enumerate(entries):
        value = entry.get("logprob")
        if _ends(entry) and place == len(entries) - 1:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not value <= SLACK:
            return None
        found.append(min(0.0, max(FLOOR, float(value))))
    return tuple(found) or None


def entropy(entries: Sequence[Mapping[str, Any]]) -> float | None:
    """Mean entropy in nats over the tokens' alternatives, the rest counted as one more; None where none are given."""
    found = [_entropy(entry["top_logprobs"]) for entry in entries if _alternatives(entry)]
    return sum(found) / len(found) if found else None


def without(body: bytes) -> bytes:
    """A reply or a chunk whose choices carry no log-probabilities; what cannot be read stays as it came."""
    try:
        reply = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body
    return orjson.dumps(reply) if bare(reply) else body


def bare(reply: object) -> bool:
    """Take the log-probabilities out of the choices of a reply or a chunk; whether there were any."""
    choices = reply.get("choices") if isinstance(reply, dict) else None
    carrying = [c for c in choices if isinstance(c, dict) and c.get("logprobs")] if isinstance(choices, list) else []
    for choice in carrying:
        choice["logprobs"] = None
    return bool(carrying)


def without_in_event(event: bytes) -> bytes:
    """The same for a server-sent event of one data line; any other is left as it is."""
    head, brace, rest = event.partition(b"{")
    end = rest.rfind(b"}") + 1
    if not end or event.count(b"data:", 0, len(head) + 1) != 1 or b'"logprobs"' not in rest:
        return event
    return head + without(brace + rest[:end]) + rest[end:]


def _ends(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is an end token: no text, or a special token's name."""
    token = entry.get("token")
    if not isinstance(token, str) or not token:
        return True
    return (
        token.startswith("<") and token.endswith(">") and ("|" in token or token in ("</s>", "<eos>", "<end_of_turn>"))
    )


def _alternatives(entry: Mapping[str, Any]) -> bool:
    return isinstance(entry.get("top_logprobs"), list) and len(entry["top_logprobs"]) > 1 and not _ends(entry)


def _entropy(alternatives: Sequence[Any]) -> float:
    values = [entry.get("logprob") for entry in alternatives if isinstance(entry, dict)]
    shares = [math.exp(min(0.0, value)) for value in values if isinstance(value, int | float) and value == value]
    rest = max(0.0, 1.0 - sum(shares))
    return -sum(share * math.log(share) for share in (*shares, rest) if share > 0)
