"""How an answer is worded, by its first 1,200 characters: lines, numbers, doubts, and words of the ask that it uses."""

import re
from collections.abc import Iterator, Set
from functools import cache
from math import nan
from typing import Any

import re2

from classifier.values_plain import shown

FEATURES = ("text_lines", "text_figures", "text_doubts", "text_misfits", "text_equations", "text_uses_ask")
UNKNOWN = (nan,) * len(FEATURES)

CHARS = 1_200
"""What is read of an answer: graded answers are stored no longer, and what is learned must be what is served."""

_PATTERNS = {
    "doubts": r"(?i)\b(?:however|but|likely|might|may|most|seems?|assum\w+|depends|therefore|correct answer|recheck"
    r"|re-evaluate|let's try|mistake|incorrect|error|cannot)\b",
    "misfits": r"(?i)\b(?:closest|approximat\w+|none of|without|error|mistake"
    r"|not (?:provided|given|enough|clear|possible|listed|among|sure))\b",
}
_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")  # linear by its form; re2 takes 25 µs a match from Python


def worded(text: str, asked: Set[str]) -> tuple[float, ...]:
    """Returns `FEATURES` of an answer's text; `asked`: the figures of its request. Linear and total.

    `text_doubts` and `text_misfits` count words that doubt or say that nothing fits; `text_uses_ask` is the share
    of the request's different figures that the answer uses, 0 where it has none.
    """
    head = text[:CHARS]
    found = frozenset(figures(head))
    return (
        float(head.count("\n") + 1),
        float(len(found)),
        float(len(_pattern("doubts").findall(head))),
        float(len(_pattern("misfits").findall(head))),
        float(head.count("=")),
        len(found & asked) / max(1, len(asked)),
    )


def figures(text: str) -> Iterator[str]:
    """Yields the different numbers of a text as they are compared."""
    for written in dict.fromkeys(_FIGURE.findall(text)):
        value = shown(float(written.replace(",", "")))
        if value is not None:
            yield value


@cache
def _pattern(name: str) -> Any:
    how = re2.Options()
    how.log_errors = False
    return re2.compile(_PATTERNS[name], how)
