"""Questions with one right answer, drawn by program and dealt into splits that never share a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from random import Random
from typing import Any, Literal

from router.builtin import figures, language, structured
from router.builtin.draft import Draft, Shift, ToolCall

Split = Literal["teach", "train", "cut", "test", "play"]
SHARES: tuple[tuple[Split, int], ...] = (("teach", 50), ("train", 17), ("cut", 7), ("test", 10), ("play", 16))
FAMILIES: Mapping[str, Callable[[Random, Shift], Draft]] = {
    "capital": language.capital,
    "sentiment": language.sentiment,
    "name": language.name,
    "ticket": language.ticket,
    "odd": language.odd,
    "choice": language.choice,
    "reverse": language.reverse,
    "add1": figures.add1,
    "add2": figures.add2,
    "add3": figures.add3,
    "larger": figures.larger,
    "units": figures.units,
    "dates": figures.dates,
    "extract": structured.extract,
    "tools": structured.tools,
}
AS_TAUGHT = Shift()
SHIFTS = (Shift(wording=True), Shift(entities=True), Shift(wording=True, entities=True))
PATIENCE = 200


@dataclass(frozen=True, slots=True)
class Question:
    """One question and its one right answer.

    Attributes:
        id: `builtin:` and 16 hex digits of the stem's hash: the same text has the same id everywhere.
        family: a key of `FAMILIES`.
        body: the OpenAI chat body that asks it.
        answer: the right reply as text (JSON text for JSON requests), or the right tool call.
        shifted: whether its wording, its entities, or both are ones the tiny models were never taught.
        split: the one split this text can be in.
        topic: what it is about, coarser than the text.
    """

    id: str
    family: str
    body: Mapping[str, Any]
    answer: str | ToolCall
    shifted: bool
    split: Split
    topic: str

    @property
    def ask(self) -> str:
        """Return the user's text."""
        return str(self.body["messages"][-1]["content"])


def questions(split: Split, n: int, *, seed: int = 0, shifted: bool = False) -> list[Question]:
    """Return the first `n` questions of a split: the same for the same arguments, and a prefix of any longer list.

    Families take turns; a small family that has run out of new texts leaves the turn to the others.
    """
    return list(islice((q for q in stream(seed=seed, shifted=shifted) if q.split == split), n))


def stream(*, seed: int = 0, shifted: bool = False) -> Iterator[Question]:
    """Yield questions of all splits, no text twice, until every family is exhausted."""
    seen: set[str] = set()
    rngs = {family: Random(f"{seed}/{shifted}/{family}") for family in FAMILIES}
    while rngs:
        for family in tuple(rngs):
            question = _unseen(family, rngs[family], shifted, seen)
            if question is None:
                del rngs[family]
            else:
                yield question


def draw(family: str, rng: Random, *, shifted: bool = False) -> Question:
    """Return one question of a family, of whatever split its text falls into."""
    draft = FAMILIES[family](rng, rng.choice(SHIFTS) if shifted else AS_TAUGHT)
    digest = blake2b(stem(draft.ask).encode(), digest_size=8)
    return Question(
        id=f"builtin:{digest.hexdigest()}",
        family=family,
        body=draft.application.body(draft.ask),
        answer=draft.answer,
        shifted=shifted,
        split=_split(int.from_bytes(digest.digest()[:4]) % 100),
        topic=draft.topic,
    )


def stem(ask: str) -> str:
    """Return what makes two asks the same question: the first 160 lower-case letters and digits.

    The rule by which labelled sets are split everywhere in this project, so that no grouping of rows by it can put
    one question on both sides. Greetings count as text; punctuation, spaces and the system prompt do not.
    """
    return "".join(filter(str.isalnum, ask.lower()))[:160]


def _unseen(family: str, rng: Random, shifted: bool, seen: set[str]) -> Question | None:
    for _ in range(PATIENCE):
        question = draw(family, rng, shifted=shifted)
        if question.id not in seen:
            seen.add(question.id)
            return question
    return None


def _split(percent: int) -> Split:
    for split, share in SHARES:
        if percent < share:
            return split
        percent -= share
    raise AssertionError("shares add up to 100")
