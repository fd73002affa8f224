"""Plain values made comparable: numbers to six digits, words without case and punctuation, JSON with sorted keys."""

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

import orjson

MAX_CHARS, MAX_DEPTH, MAX_PARTS = 65_536, 40, 4_000
_ASIDE = frozenset(
    "reasoning reason explanation thought thoughts rationale analysis confidence steps work chainofthought cot".split()
)
_NUMBER = re.compile(r"[+-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_FRACTION = re.compile(r"(-?)d?frac\{?(-?[\d.]{1,30})\}?\{?([\d.]{1,30})\}?")
_RATIO = re.compile(r"(-?[\d.]{1,30})/([\d.]{1,30})")
_MARKS = str.maketrans("", "", "$,\\ \t\n\r%°")
_DROPPED = str.maketrans("", "", "$,\\ \t\n\r%°{}")


class TooLarge(ValueError):
    """A value is larger or deeper than is compared."""


def number(text: str) -> str | None:
    """Returns a number as `%.6g` of what the text says (`$1,200.50`, `3/4`, `\\frac{3}{4}`), None where it is none."""
    plain = text[:200].replace("\\!", "").replace("\\left", "").replace("\\right", "").translate(_MARKS).rstrip(".")
    fraction = _FRACTION.fullmatch(plain)
    if fraction:
        return ratio(fraction[2], fraction[3], -1.0 if fraction[1] else 1.0)
    plain = plain.translate(_DROPPED)
    parts = _RATIO.fullmatch(plain)
    if parts:
        return ratio(parts[1], parts[2], 1.0)
    return shown(float(plain.replace(",", ""))) if _NUMBER.fullmatch(plain) else None


def ratio(above: str, below: str, sign: float) -> str | None:
    """Returns a quotient as `%.6g`, None where it has none."""
    try:
        return shown(sign * float(above) / float(below))
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def shown(value: float) -> str | None:
    """Returns a finite number as `%.6g`, None for others; minus zero is zero."""
    return f"{value + 0.0:.6g}" if isfinite(value) else None


def words(text: str) -> str:
    """Returns letters and digits of any script, lower-case, nothing else."""
    return "".join(filter(str.isalnum, text.lower()))


def readable(text: str) -> str:
    """Returns the text without halves of characters, which JSON may carry and UTF-8 may not."""
    return text.encode("utf-8", "replace").decode()


def leaf(value: Any) -> Any:
    """Returns a value as it is compared: 5, 5.0 and "5" are one, so are true and "True"; objects by sorted key.

    Raises TooLarge above the caps.
    """
    return _Leaves().read(value, 0)


def structure(value: Any) -> str:
    """Returns a JSON answer as comparable text; keys that only explain are left out."""
    if isinstance(value, Mapping):
        kept = {key: part for key, part in value.items() if words(str(key)) not in _ASIDE}
        value = kept or value
    return orjson.dumps(leaf(value), option=orjson.OPT_SORT_KEYS).decode()


class _Leaves:
    def __init__(self) -> None:
        self._parts = 0

    def read(self, value: Any, depth: int) -> Any:
        self._parts += 1
        if depth > MAX_DEPTH or self._parts > MAX_PARTS:
            raise TooLarge("a value larger than is compared")
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return _shown(value)
        if isinstance(value, str):
            return _text(value)
        if isinstance(value, Mapping):
            return {words(str(key)) or readable(str(key)): self.read(part, depth + 1) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.read(part, depth + 1) for part in value]
        return "null" if value is None else words(str(value))


def _shown(value: float) -> str:
    try:
        return shown(float(value)) or "nan"
    except OverflowError:
        return "huge"


def _text(value: str) -> str:
    if len(value) <= 40:
        plain = value.strip().replace(",", "")
        if _NUMBER.fullmatch(plain):
            return shown(float(plain)) or words(value)
    return words(value) or readable(value.strip()[:40])
