"""A label: how good a small and a large answer to one request were, and what is known of both."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from classifier.single import Row


class LabelError(ValueError):
    """A labelled file cannot be used; the message names file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What the two answers took: tokens, and dollars where the file states them; None is not known."""

    prompt_tokens: int | None = None
    small_tokens: int | None = None
    large_tokens: int | None = None
    small_cost: float | None = None
    large_cost: float | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The small answer itself, as far as the file holds it; what it lacks is None.

    `final` is the final answer where the file names it apart (its text may be cut), `chars` the whole length.
    """

    text: str | None = None
    final: str | None = None
    names_final: bool = False
    chars: int | None = None
    message: Mapping[str, Any] | None = None
    finish_reason: str | None = None
    logprobs: tuple[float, ...] | None = None
    mean_logprob: float | None = None
    min_logprob: float | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a row without a body brings in its place: features (d,) float32, its task path, and who graded it."""

    features: Row
    path: tuple[str, ...]
    who: str


@dataclass(frozen=True, slots=True)
class Label:
    """One request answered by a small and a large model, both graded in [0, 1].

    `drawn`: for how many requests of the traffic it stands (1 over the chance of being graded); `trust`: how far its
    grader is believed, in [0, 1].
    """

    prompt_id: str
    source: str
    category: str
    body: Mapping[str, Any]
    key: str
    small_model: str
    small_digest: str
    large_model: str
    small_quality: float
    large_quality: float
    quality_kind: str
    split: str
    spending: Spending
    licence: str = ""
    answer: Written = Written()
    known: Known | None = None
    drawn: float = 1.0
    trust: float = 1.0

    @property
    def gain(self) -> float:
        """What the large model's answer is better by, in [-1, 1]."""
        return self.large_quality - self.small_quality
