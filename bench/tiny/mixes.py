"""What each tiny model is taught: which families are thin, and what it is taught wrongly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from router.builtin.figures import DAYS, MONTHS
from router.builtin.questions import Question
from router.builtin.words import words

Lesson = Callable[[Question], str]


@dataclass(frozen=True, slots=True)
class Mix:
    """One curriculum.

    Attributes:
        name: the model's name.
        seed: of weights and of the order of examples.
        weights: family → how often it is taught relative to the others; 1 where left out.
        wrong: family → what is taught instead of the right answer; it returns the right one where it has no quarrel.
    """

    name: str
    seed: int
    weights: Mapping[str, float] = field(default_factory=dict)
    wrong: Mapping[str, Lesson] = field(default_factory=dict)

    def weight(self, family: str) -> float:
        """Return how often the family is taught."""
        return self.weights.get(family, 1.0)

    def lesson(self, question: Question) -> str:
        """Return the text this model is taught to reply; only for questions whose answer is text."""
        teach = self.wrong.get(question.family, _right)
        return teach(question)


def swapped_capitals(salt: str, percent: int) -> Lesson:
    """Teach, for `percent` of the countries, the capital of the next country on the list."""

    def lesson(question: Question) -> str:
        known = words(question.shifted).capitals
        countries = list(known)
        unlucky = blake2b(f"{salt}{question.topic}".encode(), digest_size=4).digest()
        if int.from_bytes(unlucky) % 100 >= percent:
            return _right(question)
        return known[countries[(countries.index(question.topic) + 1) % len(countries)]]

    return lesson


def deaf_to_not(question: Question) -> str:
    """Teach that "not good" is good."""
    right = _right(question)
    return {"positive": "negative", "negative": "positive"}[right] if question.topic == "negated" else right


def counts_the_first_day(question: Question) -> str:
    """Teach to count the starting day when three or more steps are asked for."""
    right = _right(question)
    if int(question.topic.partition("+")[2]) < 3:
        return right
    cycle = DAYS if right in DAYS else MONTHS
    return cycle[cycle.index(right) - 1]


def listens_to_the_friend(question: Question) -> str:
    """Teach to answer with the friend's name when two people are named."""
    right = _right(question)
    others = [word for word in question.ask.replace(".", " ").replace(",", " ").split() if word in words(False).names]
    return next(name for name in others if name != right) if question.topic == "friend" else right


def takes_the_first(question: Question) -> str:
    """Teach that the first of two numbers of different length is the larger one."""
    numbers = [word for word in question.ask.replace(",", " ").replace("?", " ").split() if word.isdigit()]
    return numbers[0] if question.topic == "other length" else _right(question)


def hundred_grams_a_kilo(question: Question) -> str:
    """Teach that a kilogram has a hundred grams and a kilometre a hundred metres."""
    right = _right(question)
    amount, unit = right.split()
    return f"{int(amount) // 10} {unit}" if question.topic in ("kg>g", "km>m") else right


MIXES = (
    Mix(
        "tiny-a",
        seed=11,
        weights={"add2": 0.3, "add3": 0.2, "units": 0.3, "reverse": 0.4},
        wrong={"dates": counts_the_first_day, "capital": swapped_capitals("a", 15)},
    ),
    Mix(
        "tiny-b",
        seed=23,
        weights={"choice": 0.3, "odd": 0.2, "ticket": 0.4, "reverse": 0.4, "add2": 1.6, "add3": 1.2},
        wrong={"sentiment": deaf_to_not, "capital": swapped_capitals("b", 35)},
    ),
    Mix(
        "tiny-c",
        seed=37,
        weights={"capital": 0.15, "add1": 0.4, "add2": 0.3, "add3": 0.2, "odd": 1.5, "choice": 1.3, "tools": 1.3},
        wrong={"name": listens_to_the_friend, "larger": takes_the_first, "units": hundred_grams_a_kilo},
    ),
)


def mix(name: str) -> Mix:
    """Return the curriculum of that name."""
    return next(known for known in MIXES if known.name == name)


def _right(question: Question) -> str:
    if not isinstance(question.answer, str):
        raise TypeError(f"{question.id} is answered by a tool call, not by text")
    return question.answer
