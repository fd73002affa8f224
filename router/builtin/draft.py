"""What a family draws: an ask, its one right answer, and the application it comes through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from router.builtin.applications import Application


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The one call that answers a question: the tool's name and its arguments by value."""

    name: str
    arguments: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Draft:
    """One drawn question before it has an id.

    Attributes:
        application: who asks.
        ask: the user's text.
        answer: the right reply as text (JSON text where the application asks for JSON), or the right tool call.
        topic: what the question is about, coarser than its text ("France", "km>m"): belief and error hang on it.
    """

    application: Application
    ask: str
    answer: str | ToolCall
    topic: str


@dataclass(frozen=True, slots=True)
class Shift:
    """How a question differs from what the tiny models were taught: in its wording, in its entities, or in both.

    Entities are countries, names, things and units that were never taught; for numbers and letters, longer ones.
    """

    wording: bool = False
    entities: bool = False


@dataclass(frozen=True, slots=True)
class Wordings:
    """Ways to put one question: those the tiny models were taught, and others for the shifted questions."""

    taught: tuple[str, ...]
    shifted: tuple[str, ...]

    def pick(self, rng: Random, shifted: bool) -> str:
        """Return one wording, each equally likely."""
        return rng.choice(self.shifted if shifted else self.taught)


def politely(rng: Random, ask: str) -> str:
    """Return `ask` the way people type it: sometimes greeted, sometimes thanked."""
    before = rng.choice(("", "", "", "Please tell me: ", "Quick question: ", "Hi! ", "Hello, "))
    after = rng.choice(("", "", "", " Thanks.", " Thank you!"))
    return f"{before}{ask}{after}"
