"""The small models' answers to one request, read for comparison: value, size, schema faults, log-probabilities."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import Any

from classifier import choosing, wording
from classifier.ask import last_ask, text_of
from classifier.features import extract
from classifier.grounds import Ground, ground_of
from classifier.single import Row
from classifier.values import Kind, comparable, kind_of
from classifier.values_calls import Toolbox, Unreadable

MAX_ANSWERS = 16
"""Answers that are compared; of more, the first."""

_RUN = re.compile(r"\d+")
SURE_BELOW, FLOOR = -1.0, -50.0
"""A token below the first counts as unsure; none counts as less sure than the second (vLLM's −9999 is no measure)."""


@dataclass(frozen=True, slots=True)
class Given:
    """One answer that a member gave.

    `logprobs`: of its content tokens; None if the server gives none. `flags`: what judges found, from 0 to 1: `clean`
    (1: it fits its schema), `refused`, `looped`.
    """

    member: str
    digest: str
    message: Mapping[str, Any]
    finish_reason: str | None = None
    tokens: int | None = None
    logprobs: tuple[float, ...] | None = None
    flags: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sureness:
    """How sure a model was of its tokens: mean and least log-probability, share of unsure ones; NaN is not known."""

    mean: float = nan
    least: float = nan
    unsure: float = nan


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, ready to be compared. `value` None abstains; `faults` counts what is against its schema."""

    member: str
    digest: str
    value: str | None
    chars: int
    tokens: float
    faults: float
    calls: float
    sureness: Sureness
    flags: Mapping[str, float]
    worded: tuple[float, ...] = wording.UNKNOWN
    chosen: tuple[float, ...] = choosing.UNKNOWN

    @property
    def clean(self) -> bool:
        """Whether nothing is known against its form."""
        return self.faults == 0 and self.flags.get("clean", 1.0) > 0 and not self.flags.get("refused", 0.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the second stage needs to know of the request."""

    kind: Kind | None
    chars: int
    numbers: int
    tools: int
    features: Row
    ground: Ground | None


def asked(body: Mapping[str, Any]) -> Asked:
    """Returns the kind and the measures of a request."""
    ask = last_ask(body)[:8_192]
    runs = _RUN.findall(ask)
    tools = body.get("tools")
    kind = kind_of(body)
    offered = len(tools) if isinstance(tools, list) else 0
    return Asked(kind, len(ask), len(runs), offered, extract(body), ground_of(body, kind))


def read(body: Mapping[str, Any], given: Sequence[Given], ask: Asked) -> tuple[Answer, ...]:
    """Returns the answers to an `asked` body as they are compared, in their order, at most `MAX_ANSWERS`; total."""
    toolbox = Toolbox(body) if ask.kind == "tools" else None
    return tuple(_answer(body, one, ask, toolbox) for one in given[:MAX_ANSWERS])


def _answer(body: Mapping[str, Any], one: Given, ask: Asked, toolbox: Toolbox | None) -> Answer:
    text = text_of(one.message.get("content"))
    value, faults, calls, chars = None, nan, nan, len(text)
    figures = wording.UNKNOWN
    if toolbox is not None:
        try:
            read = toolbox.read(one.message)
            value, faults, calls = read.value, float(read.faults), float(len(read.called))
            chars = max(chars, len(read.value))
        except Unreadable:
            faults = 9.0
    else:
        value = comparable(body, one.message, ask.kind)
        figures = worded(text, ask)
    if one.finish_reason == "length" or one.flags.get("refused", 0.0) >= 1:
        value = None  # cut off, or no answer at all: it speaks for nothing
    known = faults if faults == faults else 1.0 - one.flags.get("clean", 1.0)
    tokens = nan if one.tokens is None else float(one.tokens)
    sure = sureness(one.logprobs)
    picked = chosen(value, text, ask)
    return Answer(one.member, one.digest, value, chars, tokens, known, calls, sure, one.flags, figures, picked)


def worded(text: str, ask: Asked) -> tuple[float, ...]:
    """Returns how a text that is compared is worded, not known for calls and prose."""
    return wording.UNKNOWN if ask.ground is None or ask.kind == "tools" else wording.worded(text, ask.ground.figures)


def chosen(value: str | None, text: str, ask: Asked) -> tuple[float, ...]:
    """Returns how a value and its text stand to the options, not known but for a lettered choice."""
    return choosing.UNKNOWN if ask.ground is None else choosing.chosen(value, text, ask.ground.options)


def sureness(logprobs: Sequence[float] | None) -> Sureness:
    """Returns how sure the model was; absent, empty or NaN is not known, and never sure.

    Whoever hands the log-probabilities over has left out the end token, which llama.cpp counts in a whole
    reply and not in a streamed one.
    """
    kept = [min(max(value, FLOOR), 0.0) for value in logprobs or () if value == value]
    if not kept or logprobs is None or len(kept) < len(logprobs):
        return Sureness()
    return Sureness(sum(kept) / len(kept), min(kept), sum(value < SURE_BELOW for value in kept) / len(kept))
