"""The signals: named facts that the rules of policies may read, each described in one sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from router.core.capabilities import CAPABILITIES
from router.core.families import traits_of
from router.core.pace import Pace
from router.core.privacy.detect import Found
from router.core.resources import RESOURCES, resources_of
from router.core.upstream import UpstreamSpec, UpstreamState

SignalValue = float | int | str | bool | None
UNLIMITED_REPLY = 0


class Facts(Struct, frozen=True):
    """What the signals are computed from.

    `p_good`: the probability for each local upstream that the classifier knows. `first`: the first local upstream of
    the config, which `p_good` without a name is about. `found`: what the detectors of personal data found; None if the
    policy does not ask. `read`: what was read off the request's words, as far as the policy asks for it.
    """

    body: Mapping[str, Any]
    prompt_tokens: int
    max_tokens: int | None = None
    stream: bool = False
    entrypoint: str = ""
    key: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    p_good: Mapping[str, float | None] = field(default_factory=dict)
    first: str | None = None
    cached_tokens: int = 0
    cache_loss_usd: float | None = 0.0
    found: Found | None = None
    local_models: int = 0
    read: Mapping[str, SignalValue] = field(default_factory=dict)


CATALOGUE: Mapping[str, str] = {
    "p_good": "Calibrated probability, before asking, that the answer of the first local upstream of the rule's plan "
    "will be no worse than the baseline's; `p_good.NAME` is about the upstream NAME.",
    "prompt_tokens": "Estimated tokens of messages and tools (characters over four).",
    "max_tokens": "The most tokens that the client allows for the answer; 0 if it set no limit.",
    "turns": "How many user messages the conversation has.",
    "tools": "How many tools the request offers.",
    "in_tool_loop": "Whether the last message is a tool's result.",
    "json": "Whether the request demands JSON (`response_format`).",
    "images": "How many images the messages hold; 1 if one was only seen somewhere in the body.",
    "audio": "How many sound clips the messages hold.",
    "n": "How many answers are asked for.",
    "logprobs": "Whether the client wants log-probabilities.",
    "stream": "Whether the answer is to be streamed.",
    "cached_tokens": "Tokens of this conversation in the prompt cache of the upstream that answered it last, by its "
    "usage; 0 on a first turn and once the cache is gone.",
    "cache_loss_usd": "What losing that cache costs a turn, in dollars: those tokens times the difference between an "
    "uncached and a cached token's price; unknown if the price is.",
    "local_models": "How many local upstreams the configuration has.",
    "entrypoint": "What the client wrote in `model`.",
    "key": "The name of the client's key.",
}
"""What every request has; `_of_request` computes them."""
READABLE = ("tools", "json", "vision", "audio", "logprobs")
PRIVATE: Mapping[str, str] = {
    "has_pii": "Whether any detector found personal data or a secret: any of the kinds below.",
    "pii.card": "A payment card's number, by issuer range and Luhn digit.",
    "pii.iban": "A bank account's IBAN, by country, length and check digits.",
    "pii.email": "An e-mail address.",
    "pii.phone": "A telephone number that its country's numbering plan gives out.",
    "pii.national_id": "A national, tax or insurance number of a person, by its country's own check.",
    "pii.secret": "A password, key or token, by the shape its maker gave it or the word before it.",
    "pii.unseen": "Whether something is there that no detector reads: a picture, sound, a file's bytes.",
}
"""Looked for only where the policy that decides reads one of them; what they find and miss: docs/privacy.md."""
READ: Mapping[str, str] = {
    "checkable": "Whether answers to it can be compared: it asks for a number, a choice, a label, JSON or a tool call.",
    "code": "Whether its last ask holds code or asks for some.",
    "language": "The language its last ask is written in, as `en`, `de`, `zh`; unknown if that cannot be told.",
    "domain": "The field its words are from: `code`, `math`, `law`, `medicine`, `finance` or `writing`; else unknown.",
}
"""Read off the words only where the policy that decides reads them: words are counted, nothing is understood."""
FACTS: Mapping[str, str] = {
    "context": "The window of the upstream in tokens.",
    "slots": "How many answers it can give at once.",
    "ready": "Whether it last said it can answer now.",
    "local": "Whether it answers on this machine or its premises: its row says so, and its server names no cloud.",
    "cloud": "The host that runs the model in its place, as its server says; empty if none does, `unknown` if one "
    "may and the server has not said.",
    **RESOURCES,
    **{f"supports_{name}": f"Whether it can do {CAPABILITIES[name].words}." for name in READABLE},
}


def gather(facts: Facts, about: Mapping[str, SignalValue]) -> dict[str, SignalValue]:
    """Every signal by name: the catalogue's, `tag.NAME`, `p_good.NAME`, and `about`, the facts of the upstreams."""
    signals = _of_request(facts)
    for name, value in facts.tags.items():
        signals[f"tag.{name}"] = None if "," in value else value  # of several values none is the one
    for name, probability in facts.p_good.items():
        signals[f"p_good.{name}"] = probability
    if facts.found is not None:
        signals.update(facts.found.said())
    signals.update(facts.read)
    signals.update(about)
    return signals


def _of_request(facts: Facts) -> dict[str, SignalValue]:
    """The signals of `CATALOGUE`, in its order; None is unknown."""
    body = facts.body
    spoke, kinds = _spoken(body["messages"])
    asked, n = body.get("response_format"), body.get("n")
    return {
        "p_good": facts.p_good.get(facts.first) if facts.first else None,
        "prompt_tokens": facts.prompt_tokens,
        "max_tokens": UNLIMITED_REPLY if facts.max_tokens is None else facts.max_tokens,
        "turns": spoke.count("user"),
        "tools": len(body.get("tools") or ()),
        "in_tool_loop": spoke[-1] == "tool",
        "json": isinstance(asked, dict) and asked.get("type") in ("json_object", "json_schema"),
        "images": kinds.count("image_url"),
        "audio": kinds.count("input_audio"),
        "n": n if isinstance(n, int) else 1,
        "logprobs": bool(body.get("logprobs")),
        "stream": facts.stream,
        "cached_tokens": facts.cached_tokens,
        "cache_loss_usd": facts.cache_loss_usd,
        "local_models": facts.local_models,
        "entrypoint": facts.entrypoint,
        "key": facts.key,
    }


def _spoken(messages: Sequence[Mapping[str, Any]]) -> tuple[list[Any], list[Any]]:
    """The role of every message, and the `type` of every part of those that are made of parts."""
    roles, kinds = [], []
    for message in messages:
        roles.append(message.get("role"))
        content = message.get("content")
        if isinstance(content, list):
            kinds += [part.get("type") for part in content if isinstance(part, dict)]
    return roles, kinds


def hides_a_picture(raw: bytes) -> bool:
    """Whether the client's own bytes name a picture, in whatever part or item: not all become parts of a chat."""
    return b'"computer_screenshot"' in raw or (
        b"image" in raw  # which all the others hold: most bodies need no further look, and a long one is searched long
        and (
            b"data:image/" in raw
            or b'"input_image"' in raw
            or b'"input_image_mask"' in raw
            or b'"image_generation_call"' in raw
        )
    )


def facts_of(spec: UpstreamSpec, state: UpstreamState | None, pace: Pace | None = None) -> dict[str, SignalValue]:
    """What policies may read about one upstream; computed when its state changes, not per request.

    With `supports: auto` it is assumed to do whatever it is not known to lack.
    """
    name = spec.name
    known: dict[str, SignalValue] = {
        f"{name}.context": spec.context or (state.context if state else None),
        f"{name}.slots": spec.slots or (state.slots if state else None),
        f"{name}.ready": state.phase in ("ready", "busy") if state else None,
        f"{name}.local": spec.local and not (state and state.cloud),
        f"{name}.cloud": state.cloud if state else "",
    }
    known |= resources_of(name, state, pace)
    lacks = traits_of(spec, state).lacks
    for capability in READABLE:
        known[f"{name}.supports_{capability}"] = capability not in lacks
    return known
