"""Mistakes in a file, described so that a person can mend them."""

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong and what to do about it; where it is, is added later."""

    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in one file: where it is, what is wrong, what to do.

    `file` is empty if it is in none. `line` counts from 1, None for the whole file. `path`: the key path
    (`rules[0].when`), empty for the whole file.
    """

    file: str
    line: int | None
    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(filter(None, (place, self.path, f"{self.message}; {self.remedy}")))


class PolicyErrors(ValueError):
    """A policy that cannot be used; `problems` holds every mistake, in file order."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__("\n".join(map(str, self.problems)))


def nearest(word: str, known: Collection[str], otherwise: str) -> str:
    """Return "did you mean 'x'?" for the known word closest to *word*.

    When none is close, *otherwise* is returned: a remedy must always say something.
    """
    close = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else otherwise
