"""Plain values made comparable: numbers however written, words without case and punctuation, JSON with sorted keys."""

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

import orjson

MAX_CHARS, MAX_DEPTH, MAX_PARTS = 65_536, 40, 4_000
_ASIDE = frozenset(
    "reasoning reason explanation thought thoughts rationale analysis confidence steps work chainofthought cot".split()
)
_WHOLE = re.compile(r"[+-]?\d{1,200}")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_MIXED = re.compile(r"\s*(-?)(\d{1,9})\s+(\d{1,9})\s?/\s?(\d{1,9})\s*")
_FRACTION = re.compile(r"(-?)(\d{0,9})[dt]?frac\{?(-?[\d.]{1,30})\}?\{?([\d.]{1,30})\}?")
_RATIO = re.compile(r"(-?[\d.]{1,30})/([\d.]{1,30})")
_POWER = re.compile(r"([+-]?)(?:([\d.]{1,30})(?:times|cdot|[x×*·]))?([\d.]{1,30})\^\{?([+-]?\d{1,3})\}?")
_GROUPED = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])")
_SPACED = re.compile(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_RAISED = re.compile(r"(?<=\d)[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_DASHED = re.compile(r"(?<![\w)])–(?=\d)")
_SAID = re.compile(r"[^\W_]|(?<=\d)[.,](?=\d)|(?<![^\s(\[{\"'])-(?=\.?\d)|(?<=[^\W\d_])[+#]+")
_MARKS = str.maketrans("", "", "$\\ \t\n\r%°")
_DROPPED = str.maketrans("", "", "$\\ \t\n\r%°{}")
_ASCII = str.maketrans("−－﹣＋．，０１２３４５６７８９", "---+.,0123456789")
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


class TooLarge(ValueError):
    """A value is larger or deeper than is compared."""


def number(text: str) -> str | None:
    """Returns the number that a text is (`$1,200.50`, `3/4`, `1 1/2`, `\\frac{3}{4}`, `2^{10}`), None where it is none.

    A whole number is kept to its last digit, any other as `%.6g`. A comma must part thousands: `3,5` is none.
    """
    text = ungrouped(text[:200].replace("\\!", "").replace("\\,", "").replace("{,}", ",").strip(" ,"))
    mixed = _MIXED.fullmatch(text)
    if mixed:
        return ratio(mixed[3], mixed[4], mixed[1], mixed[2])
    plain = text.replace("\\left", "").replace("\\right", "").translate(_MARKS).rstrip(".")
    fraction = _FRACTION.fullmatch(plain)
    if fraction:
        return ratio(fraction[3], fraction[4], fraction[1], fraction[2])
    power = _POWER.fullmatch(plain)
    if power:
        return _raised(power[1], power[2] or "1", power[3], power[4])
    plain = plain.translate(_DROPPED)
    parts = _RATIO.fullmatch(plain)
    if parts:
        return ratio(parts[1], parts[2])
    if _WHOLE.fullmatch(plain):
        return str(int(plain))
    return shown(float(plain)) if _NUMBER.fullmatch(plain) else None


def ratio(above: str, below: str, sign: str = "", whole: str = "") -> str | None:
    """Returns a quotient, and what is whole before it, as it is shown; None where it has none."""
    try:
        return shown((-1.0 if sign else 1.0) * (float(whole or 0) + float(above) / float(below)))
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def _raised(sign: str, times: str, base: str, power: str) -> str | None:
    try:
        return shown((-1.0 if sign == "-" else 1.0) * float(times) * float(base) ** int(power))
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def shown(value: float) -> str | None:
    """Returns a finite number as it is compared: a whole one to its last digit, any other as `%.6g`; else None."""
    if not isfinite(value):
        return None
    text = f"{value + 0.0:.6g}"
    whole = value if value.is_integer() else float(text)
    return str(int(whole)) if whole.is_integer() and abs(whole) < 1e15 else text


def ungrouped(text: str) -> str:
    """Returns the text without the commas that part thousands; other commas stay."""
    return _GROUPED.sub(lambda found: found[0].replace(",", ""), text) if "," in text else text


def tidy(text: str) -> str:
    """Returns the text with the minus signs, digits and powers that have signs of their own written in ASCII."""
    if text.isascii():
        return text
    text = _SPACED.sub("", text.translate(_ASCII))
    return _DASHED.sub("-", _RAISED.sub(lambda found: "^" + found[0].translate(_LOWERED), text))


def words(text: str) -> str:
    """Returns letters and digits of any script, lower-case, nothing else."""
    return "".join(filter(str.isalnum, text.lower()))


def said(text: str) -> str:
    """Returns the same, with what tells one value from another: `3.5`, `-5`, `C++` are not `35`, `5`, `C`."""
    lowered = ungrouped(text.lower())
    return lowered if lowered.isalnum() else "".join(_SAID.findall(lowered))


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
            return str(value) if isinstance(value, int) else shown(value) or "nan"
        if isinstance(value, str):
            return _text(value)
        if isinstance(value, Mapping):
            return {words(str(key)) or readable(str(key)): self.read(part, depth + 1) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.read(part, depth + 1) for part in value]
        return "null" if value is None else words(str(value))


def _text(value: str) -> str:
    value = tidy(value)
    if len(value) <= 40:
        plain = ungrouped(value.strip())
        if _WHOLE.fullmatch(plain):
            return str(int(plain))
        if _NUMBER.fullmatch(plain):
            return shown(float(plain)) or said(value)
    return said(value) or readable(value.strip()[:40])
