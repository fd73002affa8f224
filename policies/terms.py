"""The pieces of a condition: each knows its value, and how to say it in words."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Value = bool | int | float | str
Signals = Mapping[str, Value | None]
Kind = Literal["truth", "number", "text", "any"]


class Read(NamedTuple):
    """A signal that a term reads: the name as written, and how to look it up."""

    name: str
    value: Callable[[Signals], Value | None]


@dataclass(frozen=True, slots=True)
class Term:
    """A compiled piece of a condition.

    `value` returns None for *unknown* and never raises on any signals; `said`
    states what holds now ("p_good 0.41 < cut 0.72"), whichever way it came out.
    """

    value: Callable[[Signals], Value | None]
    said: Callable[[Signals], str]
    kind: Kind
    reads: tuple[Read, ...] = ()


class Sign(NamedTuple):
    """An operator: how to apply it, how to write it, and how to write its opposite."""

    apply: Callable[[Any, Any], Any]
    text: str
    opposite: str = ""


def show(value: Value | None) -> str:
    """Return *value* as a person would write it in a policy."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}'"
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def literal(value: Value) -> Term:
    """Return the term that is always *value*."""
    kind: Kind = "number"
    if isinstance(value, bool):
        kind = "truth"
    elif isinstance(value, str):
        kind = "text"
    said = show(value)
    return Term(lambda signals: value, lambda signals: said, kind)


def signal(name: str, keys: Sequence[str]) -> Term:
    """Return the term that reads the first of *keys* there is; missing, None or NaN is unknown.

    A key that is there and unknown is not made up for by the next: what is known of
    another model says nothing about this one.
    """
    key, spare = keys[0], keys[-1]

    def value(signals: Signals) -> Value | None:
        found = signals[key] if key in signals else signals.get(spare)
        return None if found != found else found

    return Term(value, lambda s: f"{name} {show(value(s))}", "any", (Read(name, value),))


def arithmetic(sign: Sign, left: Term, right: Term) -> Term:
    """Return `left sign right`; text, an overflow or a division by zero is unknown."""

    def value(signals: Signals) -> Value | None:
        a, b = left.value(signals), right.value(signals)
        if a is None or b is None or isinstance(a, str) or isinstance(b, str):
            return None
        try:
            result: float = sign.apply(a, b)
        except ArithmeticError:
            return None
        return None if result != result else result

    def said(signals: Signals) -> str:
        return f"{left.said(signals)} {sign.text} {right.said(signals)}"

    return Term(value, said, "number", left.reads + right.reads)


def negative(term: Term) -> Term:
    """Return `-term`."""
    return arithmetic(Sign(lambda zero, number: -number, ""), literal(0), term)


def comparison(sign: Sign, left: Term, right: Term) -> Term:
    """Return `left sign right`; unknown when a side is, or when they do not compare."""
    first, second, apply = left.value, right.value, sign.apply
    reads = left.reads + right.reads

    def value(signals: Signals) -> bool | None:
        a = first(signals)
        if a is None:
            return None
        b = second(signals)
        if b is None:
            return None
        try:
            return bool(apply(a, b))
        except TypeError:
            return None

    def said(signals: Signals) -> str:
        outcome = value(signals)
        a, b = left.said(signals), right.said(signals)
        if outcome is None:
            return unknown_in(reads, signals) or f"{a} and {b} do not compare"
        return f"{a} {sign.text if outcome else sign.opposite} {b}"

    return Term(value, said, "truth", reads)


def membership(left: Term, options: Sequence[Value], *, inside: bool) -> Term:
    """Return `left in options` (or `not in`); unknown when *left* is."""
    listed = ", ".join(map(show, options))
    among = tuple(options)

    def value(signals: Signals) -> bool | None:
        found = left.value(signals)
        return None if found is None else (found in among) is inside

    def said(signals: Signals) -> str:
        outcome = value(signals)
        if outcome is None:
            return unknown_in(left.reads, signals) or f"{left.said(signals)} has no value"
        return f"{left.said(signals)} {'in' if outcome is inside else 'not in'} [{listed}]"

    return Term(value, said, "truth", left.reads)


def truth(term: Term) -> Term:
    """Return *term* as true, false or unknown: zero and the empty text are false."""
    if term.kind == "truth":
        return term

    def value(signals: Signals) -> bool | None:
        found = term.value(signals)
        return None if found is None else bool(found)

    def said(signals: Signals) -> str:
        name = term.reads[0]
        return f"{name.name} is {show(name.value(signals))}"

    return Term(value, said, "truth", term.reads)


def negation(term: Term) -> Term:
    """Return Kleene's `not term`; its words are the term's, which state what holds."""

    def value(signals: Signals) -> bool | None:
        found = term.value(signals)
        return None if found is None else not found

    return Term(value, term.said, "truth", term.reads)


def junction(terms: Sequence[Term], *, decisive: bool) -> Term:
    """Return Kleene's `and` (False is decisive) or `or` (True is) of truth terms."""
    tests = tuple(term.value for term in terms)

    def value(signals: Signals) -> bool | None:
        result: bool | None = not decisive
        for test in tests:
            found = test(signals)
            if found is decisive:
                return decisive
            if found is None:
                result = None
        return result

    def said(signals: Signals) -> str:
        found = [test(signals) for test in tests]
        outcome = decisive if decisive in found else None if None in found else not decisive
        parts = [term.said(signals) for term, truth in zip(terms, found, strict=True) if truth is outcome]
        return " and ".join(dict.fromkeys(parts))

    return Term(value, said, "truth", tuple(r for term in terms for r in term.reads))


def unknown_in(reads: Sequence[Read], signals: Signals) -> str:
    """Return which of *reads* are unknown in words, or "" when none is."""
    names = dict.fromkeys(read.name for read in reads if read.value(signals) is None)
    return " and ".join(f"{name} is unknown" for name in names)


ADD = Sign(operator.add, "+")
SUBTRACT = Sign(operator.sub, "-")
MULTIPLY = Sign(operator.mul, "*")
DIVIDE = Sign(operator.truediv, "/")
FLOOR_DIVIDE = Sign(operator.floordiv, "//")
REMAINDER = Sign(operator.mod, "%")
LESS = Sign(operator.lt, "<", ">=")
AT_MOST = Sign(operator.le, "<=", ">")
MORE = Sign(operator.gt, ">", "<=")
AT_LEAST = Sign(operator.ge, ">=", "<")
EQUAL = Sign(operator.eq, "==", "!=")
UNEQUAL = Sign(operator.ne, "!=", "==")
