"""The answer in a reply's text: a JSON key, a box, "the answer is X", the last number, a letter, a label."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate
from typing import Any

import orjson
import re2

from classifier import values_plain
from classifier.values_literal import NotLiteral, literal
from classifier.values_plain import TooLarge, said

MAX_CHARS, END = 262_144, 6_000
_FINAL_CHARS, _WORD_CHARS = 200, 48
_KEYS = ("answer", "final_answer", "finalanswer", "final answer", "label", "choice", "result", "category", "class")
_FIGURE = r"(?:\d[\d,]*(?:\.\d[\d,]*)?|\.\d+)"
_DATE = r"\d{1,4}(?:-\d{1,2}-|/\d{1,2}/)\d{1,4}"
_TIME = r"\d{1,3}(?::\d{2})+(?:\s?(?i:[ap]\.?m)\b)?"
_ROOT = rf"(?:[+-]?{_FIGURE})?\s?(?:(?:√|\\sqrt)\s?[{{(]?\d+[}})]?|π|\\pi\b)"
_POWER = rf"[+-]?(?:{_FIGURE}\s?(?:\\times|\\cdot|[x×*·])\s?)?{_FIGURE}\s?\^\s?\{{?[+-]?\d{{1,3}}\}}?"
_FRACTION = rf"-?\d*\\[dt]?frac\s?\{{-?[\d.]+\}}\s?\{{[\d.]+\}}|[+-]?\$?(?:\d+\s)?{_FIGURE}\s?/\s?\d+"
_PATTERNS = {
    "answer_is": r"(?i)\b(?:answer|choice|option|result|total|label|category)\b(?: choice| option)?"
    r"(?:\s*(?:is|are|=|:|would be)\s*:?)+",
    "hashes": r"####",
    "key": r'(?i)"(?:final[ _]?)?answer"\s*:\s*("(?:[^"\\\n]|\\.){0,200}"|[^\s,}\n]{1,60})',
    "number": rf"{_DATE}|{_TIME}|{_ROOT}|{_POWER}|{_FRACTION}|[+-]?\$?{_FIGURE}(?:[eE][+-]?\d{{1,3}}\b)?",
    "letter": r"(?:^|[\s(*\[:])\(?([A-Z])(?:[).:*,\]\s]|$)",
    "in_text": r"^\\(?:text|textbf|mathrm|mathbf)\s?\{([^{}]*)\}$",
}
_ZEROS, _WORD = re.compile(r"(?<![\d.:])0+(?=\d)"), re.compile(r"[^\W_]+")
_HALVES = re.compile(r"([ap])\.m\Z")
_UNSPACED = "\u2e80"  # from here on: Chinese, Japanese, Korean
_NEGATIONS = frozenset("not isnt arent never neither nor nicht non".split())


def number_in(text: str) -> str | None:
    """Returns the comparable number or expression that a reply ends with; None if there is none."""
    final = stated(text)
    if final is not None:
        value = number_value(final)
        if value is not None:
            return value
    end = text[-END:]
    found = _pattern("number").findall(end)
    return _worth(str(found[-1]), end[: end.rfind(found[-1])]) if found else None


def number_value(final: str) -> str | None:
    """Returns a stated final answer as a number, or as an expression without spaces and marks; None if empty."""
    text = final.strip().strip("*`\"' ")
    head = text.split(" = ")[-1] if " = " in text else text
    number = values_plain.number(head) or values_plain.number(text)
    if number is not None:
        return number
    found = [str(part) for part in _pattern("number").findall(head)]
    letters = sum(map(str.isalpha, head))
    plainly = "\\" not in head and letters > 0 and "(" not in head and "^" not in head
    if len(found) == 1 and (plainly or found[0] == head):
        return _worth(found[0], head[: head.find(found[0])])
    plain = _expression(head)
    return plain or None


def _worth(found: str, before: str) -> str | None:
    """A figure found in a text: a number, or the date, time or expression that it is. In `5-7` the dash is no minus."""
    if found[0] == "+" or (found[0] == "-" and before[-1:].isalnum()):
        found = found[1:]
    plain = _HALVES.sub(r"\1m", _expression(values_plain.ungrouped(found)))
    return values_plain.number(found) or _ZEROS.sub("", plain).rstrip(",") or None


def choice_in(text: str, options: Mapping[str, str]) -> str | None:
    """Returns the letter a reply picks among the options offered (letter to comparable text), None without one."""
    final = stated(text)
    for part in (final, text if len(text) <= _FINAL_CHARS else None, text[-_FINAL_CHARS:]):
        letter = _letter(part, options) if part is not None else None
        if letter is not None:
            return letter
    return None


def label_in(text: str, labels: Sequence[str]) -> str | None:
    """Returns the one label of those listed that a reply names, None when it names none or several.

    Where none are listed, a reply of a word or two is its own label. A label after "not" is not named.
    """
    final = stated(text)
    if not labels:
        short = text.strip() if final is None else final
        return _short(short) if len(short) <= _WORD_CHARS and "\n" not in short else None
    lines = text.strip().split("\n", 1)
    for part in (final, lines[0], text[-END:]):
        named = _named(part, labels) if part else set()
        if len(named) == 1:
            return named.pop()
    return None


def json_in(text: str) -> str | None:
    """Returns a JSON reply as comparable text, None where it holds none; of an `answer` key only that."""
    value = json_value(text)
    if value is None:
        return None
    answer = _answer_key(value) if isinstance(value, Mapping) else None
    if answer is not None and not isinstance(answer, Mapping | list):
        return number_value(str(answer)) or said(str(answer))
    try:
        return values_plain.structure(value)
    except TooLarge:
        return None


def json_value(text: str) -> Any:
    """Returns the object or list a reply holds, fenced or bare, None without one."""
    starts = [at for at in (text.find("{"), text.find("[")) if at >= 0]
    if not starts:
        return None
    part = text[min(starts) : max(text.rfind("}"), text.rfind("]")) + 1]
    try:
        return orjson.loads(part)
    except orjson.JSONDecodeError:
        pass
    try:
        value = literal(part)
    except (NotLiteral, RecursionError):
        return None
    return value if isinstance(value, Mapping | list) else None


def stated(text: str) -> str | None:
    """Returns what a reply states as its answer, as written: JSON key, box, ####, "answer is"; None without."""
    keyed = _keyed(text)
    if keyed is not None:
        return keyed
    end = text[-END:]
    box = boxed(end)
    if box is not None:
        return box
    for name in ("hashes", "answer_is"):
        found = [match.end() for match in _pattern(name).finditer(end)]
        if found:
            return _sentence(end[found[-1] : found[-1] + _FINAL_CHARS].lstrip().split("\n", 1)[0]) or None
    return None


def boxed(text: str) -> str | None:
    r"""Returns what the last `\boxed{…}` holds, its braces matched; None without one."""
    start = text.rfind("\\boxed{")
    if start < 0:
        return None
    depth, first = 0, start + len("\\boxed{")
    for at in range(first - 1, len(text)):
        depth += (text[at] == "{") - (text[at] == "}")
        if depth == 0:
            return text[first:at]
    return None


def _keyed(text: str) -> str | None:
    if '"' not in text:
        return None
    start, end = text.find("{"), text.rfind("}")
    if 0 <= start < end:
        try:
            value = orjson.loads(text[start : end + 1])
        except orjson.JSONDecodeError:
            value = None
        answer = _answer_key(value) if isinstance(value, Mapping) else None
        if answer is not None:
            return str(answer)
    found = _pattern("key").findall(text[-END:])
    return str(found[-1]).strip('"') if found else None


def _answer_key(value: Mapping[str, Any]) -> Any:
    lowered = {str(key).lower(): part for key, part in value.items()}
    return next((lowered[key] for key in _KEYS if lowered.get(key) is not None), None)


def _sentence(text: str) -> str:
    """The first sentence of a stated answer; a point between digits ends none."""
    for mark in (". ", ".\n", ", which", " because", ", so ", "; "):
        text = text.split(mark, 1)[0]
    return text.strip().rstrip(".")


def _short(text: str) -> str | None:
    return values_plain.number(text.strip("*`\"' ")) or said(text) or None


def _letter(text: str, options: Mapping[str, str]) -> str | None:
    text = str(_pattern("in_text").sub(r"\1", text.strip()))
    plain = text.strip("*`\"'() .")
    if plain.upper() in options and len(plain) == 1:
        return plain.upper()
    found = [str(letter) for letter in _pattern("letter").findall(text) if letter in options]
    stated_first = text[:3].strip("( ")[:1]
    if found:
        return stated_first if stated_first in options and found[0] == stated_first else found[-1]
    whole = said(text)
    same = [letter for letter, option in options.items() if option and option == whole]
    return same[0] if len(same) == 1 else None


def _named(text: str, labels: Sequence[str]) -> set[str]:
    """Labels that stand in the text as words of their own and not after a "not", nor within a longer one that does."""
    spoken = _WORD.findall(text.lower().replace("'", "").replace("’", ""))
    places = {at: place for place, at in enumerate(accumulate(map(len, spoken), initial=0))}
    found = {label for label in labels if _stands(label, spoken, "".join(spoken), places)}
    return {label for label in found if not any(label != other and label in other for other in found)}


def _stands(label: str, spoken: Sequence[str], run: str, places: Mapping[int, int]) -> bool:
    """Whether a label begins and ends where words do; in scripts without blanks anywhere will do."""
    if max(label) >= _UNSPACED:
        return label in run
    at = run.find(label)
    while at >= 0:
        place = places.get(at)
        if place is not None and at + len(label) in places and (not place or spoken[place - 1] not in _NEGATIONS):
            return True
        at = run.find(label, at + 1)
    return False


def _expression(text: str) -> str:
    dropped = ("\\left", "\\right", "\\!", "\\,", "\\text", "\\dfrac", "\\tfrac", "$", " ", "\\", "{", "}", "*")
    for part in dropped:
        text = text.replace(part, "frac" if part in ("\\dfrac", "\\tfrac") else "")
    return text.lower().replace("√", "sqrt").replace("π", "pi").strip(".")[:_FINAL_CHARS]


@cache
def _pattern(name: str) -> Any:
    how = re2.Options()
    how.log_errors = False
    return re2.compile(_PATTERNS[name], how)
