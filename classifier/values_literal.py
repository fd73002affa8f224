"""Literals as models write them: JSON and Python values, arithmetic folded, calls with named arguments."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

MAX_CHARS, MAX_DEPTH, MAX_TOKENS = 32_768, 40, 8_000

_WORDS = {"true": True, "false": False, "null": None, "none": None, "nan": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class NotLiteral(ValueError):
    """The text is no literal, or is larger or deeper than is read."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call as written: `name(1, a=2)`."""

    name: str
    positional: tuple[Any, ...]
    named: Mapping[str, Any]


def literal(text: str) -> Any:
    """Returns the value of one literal: None, bool, float, str, list, dict or Call.

    Linear in the text; raises NotLiteral for anything else, for trailing text and above the caps. Nothing is
    executed: `1/6` and `30 * 0.3048` are folded as floats, an unknown bare name is its own text.
    """
    reader = _Reader(_tokens(text))
    value = reader.sum(0)
    reader.end()
    return value


@cache
def _pattern() -> "re.Pattern[str]":
    return re.compile(
        r"""\s*(?:
            (?P<number>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
          | (?P<text>[rbuRBU]?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))
          | (?P<name>[^\W\d]\w*(?:[.:][^\W\d]\w*)*)
          | (?P<mark>\*\*|//|[-+*/%()\[\]{},:=])
        )""",
        re.VERBOSE | re.DOTALL,
    )


def _tokens(text: str) -> list[tuple[str, str]]:
    text = text.strip()
    if not text or len(text) > MAX_CHARS:
        raise NotLiteral("empty, or longer than is read")
    found: list[tuple[str, str]] = []
    match, at = _pattern().match, 0
    while at < len(text):
        token = match(text, at)
        if token is None or len(found) >= MAX_TOKENS:
            raise NotLiteral("no literal")
        kind = token.lastgroup or ""
        found.append((kind, token[kind]))
        at = token.end()
    return found


class _Reader:
    """Reads tokens by recursive descent, never deeper than `MAX_DEPTH`."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise NotLiteral("text after the literal")

    def sum(self, depth: int) -> Any:
        value = self._product(depth)
        while self._peek() in ("+", "-"):
            sign, right = self._take()[1], self._product(depth)
            value = _plus(value, right) if sign == "+" else _number(value) - _number(right)
        return value

    def _product(self, depth: int) -> Any:
        value = self._signed(depth)
        while self._peek() in ("*", "/", "//", "%", "**"):
            sign, right = self._take()[1], self._signed(depth)
            value = _times(_number(value), sign, _number(right))
        return value

    def _signed(self, depth: int) -> Any:
        sign = 1.0
        while self._peek() in ("-", "+"):
            sign = -sign if self._take()[1] == "-" else sign
            value = self._peek()
            if value not in ("-", "+"):
                return sign * _number(self._atom(depth))
        return self._atom(depth)

    def _atom(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise NotLiteral("nested too deep")
        kind, text = self._take()
        if kind == "number":
            return _read_number(text)
        if kind == "text":
            return self._texts(_unquoted(text))
        if kind == "name":
            return self._named(text, depth)
        if text == "[":
            return self._items("]", depth)
        if text == "(":
            items = self._items(")", depth)
            return items[0] if len(items) == 1 else items
        if text == "{":
            return self._object(depth)
        raise NotLiteral("no value where one must stand")

    def _texts(self, first: str) -> str:
        parts = [first]
        while self._kind() == "text":
            parts.append(_unquoted(self._take()[1]))
        return "".join(parts)

    def _named(self, name: str, depth: int) -> Any:
        if self._peek() != "(":
            return _WORDS.get(name.lower(), name)
        self._take()
        positional: list[Any] = []
        named: dict[str, Any] = {}
        while self._peek() != ")":
            if self._kind() == "name" and self._peek(1) == "=":
                key = self._take()[1]
                self._take()
                named[key] = self.sum(depth + 1)
            else:
                positional.append(self.sum(depth + 1))
            self._comma(")")
        self._take()
        return Call(name, tuple(positional), named)

    def _items(self, close: str, depth: int) -> list[Any]:
        found: list[Any] = []
        while self._peek() != close:
            found.append(self.sum(depth + 1))
            self._comma(close)
        self._take()
        return found

    def _object(self, depth: int) -> Any:
        found: dict[str, Any] = {}
        while self._peek() != "}":
            key = self.sum(depth + 1)
            if self._peek() != ":":
                raise NotLiteral("an object's key without a value")
            self._take()
            found[key if isinstance(key, str) else repr(key)] = self.sum(depth + 1)
            self._comma("}")
        self._take()
        return found

    def _comma(self, close: str) -> None:
        if self._peek() == ",":
            self._take()
        elif self._peek() != close:
            raise NotLiteral("neither a comma nor an end")

    def _take(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise NotLiteral("cut off")
        self._at += 1
        return self._tokens[self._at - 1]

    def _peek(self, ahead: int = 0) -> str:
        """The mark that comes next, "" for anything else."""
        at = self._at + ahead
        return self._tokens[at][1] if at < len(self._tokens) and self._tokens[at][0] == "mark" else ""

    def _kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, float):
        raise NotLiteral("arithmetic on what is no number")
    return value


def _read_number(text: str) -> float:
    try:
        return float(text.replace("_", ""))
    except ValueError as wrong:
        raise NotLiteral("no number") from wrong


def _plus(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    return _number(left) + _number(right)


def _times(left: float, sign: str, right: float) -> float:
    try:
        if sign == "*":
            return left * right
        if sign == "**":
            power = left**right
            return power if isinstance(power, float) else float("nan")
        return left / right if sign == "/" else left // right if sign == "//" else left % right
    except (ZeroDivisionError, OverflowError) as wrong:
        raise NotLiteral("arithmetic without a result") from wrong


def _unquoted(text: str) -> str:
    inner = text[2:-1] if text[0] not in "\"'" else text[1:-1]
    if "\\" not in inner:
        return inner
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), inner, flags=re.DOTALL)
