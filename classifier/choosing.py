"""How a lettered choice stands to the options and to its own text: held by it or not, how long, how far from a sum."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from math import nan
from typing import Any

import re2

from classifier.values_plain import number, readable, shown, words
from classifier.wording import CHARS, figures

FEATURES = (
    *"choice_held choices_held_else choice_last choice_length choice_longer choice_apart".split(),
    *"choices_numeric letters_discussed".split(),
)
UNKNOWN = (nan,) * len(FEATURES)

_NUMBER_CHARS, _FARTHEST = 24, 2.0
_PATTERNS = {
    "figure": r"\d[\d,]*(?:\.\d+)?",
    "letter": r"\(([A-Z])\)|\b(?:[Oo]ption|[Cc]hoice) ([A-Z])\b|(?m:^)([A-Z])[.)]",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One option as replies are held against it: comparable words, the number it is (None: none), its length."""

    words: str
    number: str | None
    chars: int

    def held(self, said: str, figured: frozenset[str]) -> bool:
        """Returns whether a reply's comparable words, or its numbers where the option is one, hold it."""
        return self.number in figured if self.number is not None else bool(self.words) and self.words in said


def offered(options: Mapping[str, str]) -> dict[str, Option]:
    """Returns options, letter to text as written, as replies are held against them."""
    return {letter: Option(words(text), _number(text), len(text)) for letter, text in options.items()}


def chosen(value: str | None, text: str, options: Mapping[str, Option]) -> tuple[float, ...]:
    """Returns `FEATURES` of a reply that picks the letter `value`, by its first 1,200 characters; NaN where not known.

    `choice_held`: 1 when the reply holds the option's number or words; `choices_held_else`: how many others it holds.
    `choice_last`: where the words last stand, 0 to 1, -1 nowhere. `choice_length`: length over the options' mean;
    `choice_longer`: share of the others that are longer. `choice_apart`: of an option that is a number, the relative
    distance, at most 2, to the last number before the answer is stated. `choices_numeric`: share of options that are
    numbers. `letters_discussed`: different letters named before the answer is stated. Linear and total.
    """
    own = options.get(value) if value is not None else None
    if own is None:
        return UNKNOWN
    head = readable(text[:CHARS])
    said, figured, reasons = words(head), frozenset(figures(head)), _reasons(head)
    last = said.rfind(own.words) / len(said) if own.words and own.words in said else -1.0
    lengths = [option.chars for option in options.values()]
    longer = sum(chars > own.chars for chars in lengths) / max(1, len(lengths) - 1)
    return (
        float(own.held(said, figured)),
        float(sum(option.held(said, figured) for letter, option in options.items() if letter != value)),
        last,
        (own.chars + 1) / (sum(lengths) / len(lengths) + 1),
        longer,
        _apart(own, reasons),
        sum(option.number is not None for option in options.values()) / len(options),
        float(len(set(_letters(reasons)))),
    )


def _reasons(head: str) -> str:
    """What stands before the answer is stated; all of it where none is."""
    at = head.lower().rfind("answer")
    return head[:at] if at >= 0 else head


def _number(text: str) -> str | None:
    plain = text.strip()
    return number(plain) if len(plain) < _NUMBER_CHARS and any(map(str.isdigit, plain)) else None


def _apart(own: Option, reasons: str) -> float:
    found = _pattern("figure").findall(reasons) if own.number is not None else ()
    last = shown(float(str(found[-1]).replace(",", ""))) if found else None
    if own.number is None or last is None:
        return nan
    x, y = float(own.number), float(last)
    return min(_FARTHEST, abs(x - y) / max(abs(x), abs(y), 1e-9))


def _letters(reasons: str) -> Iterator[str]:
    for named in _pattern("letter").findall(reasons):
        yield next(filter(None, named))


@cache
def _pattern(name: str) -> Any:
    how = re2.Options()
    how.log_errors = False
    return re2.compile(_PATTERNS[name], how)
