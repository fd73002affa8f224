"""The terms of a compiled condition: each can compute its value, and say in words what holds."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Value = bool | int | float | str
Signals = Mapping[str, Value | None]
Values = Sequence[Value | None]
"""The values of the signals that a condition reads, in the order of its reads; None is unknown."""
Kind = Literal["truth", "number", "text", "any"]


class SignalRead(NamedTuple):
    """A signal that a condition reads: the name as written, and the keys under which its value may be.

    The second key counts if there is no value under the first. A value that is there and unknown is not replaced: what
    is known of another model says nothing about this one.
    """

    name: str
    key: str
    spare: str


@dataclass(frozen=True, slots=True)
class Term:
    """A compiled piece of a condition.

    `value` returns None for *unknown*, and never raises. `said` returns what holds in words, given the values
    and the outcome: a pattern in which the place of a value stands for it, "p_good {0} < cut {1}". `text` is
    that pattern if it is always the same, `when` if it depends on the outcome alone. `reads`: the name and the
    place of every signal in the term.
    """

    value: Callable[[Values], Value | None]
    said: Callable[[Values, Value | None], str]
    kind: Kind
    reads: tuple[tuple[str, int], ...] = ()
    text: str = ""
    when: Mapping[Value | None, str] = field(default_factory=dict)


class Operator(NamedTuple):
    """An operator: how to apply it, how to write it, and how to write its opposite."""

    apply: Callable[[Any, Any], Any]
    text: str
    opposite: str = ""


def show(value: Value | None) -> str:
    """Return *value* as a person would write it in a policy."""
    kind = type(value)
    if kind is int:  # checked first: most values are numbers, and every decision shows several
        return str(value)
    if kind is float:
        return f"{value:.6g}"
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}'"
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def literal(value: Value) -> Term:
    """Return a term whose value is always *value*."""
    kind: Kind = "number"
    if isinstance(value, bool):
        kind = "truth"
    elif isinstance(value, str):
        kind = "text"
    return _worded(lambda values: value, kind, (), _literally(show(value)))


def signal(name: str, place: int) -> Term:
    """Return a term whose value is the one read at *place*."""
    return _worded(operator.itemgetter(place), "any", ((name, place),), f"{name} {{{place}}}")


def _worded(value: Callable[[Values], Value | None], kind: Kind, reads: tuple[tuple[str, int], ...], text: str) -> Term:
    """Return a term whose words are *text*, whatever holds."""
    return Term(value, lambda values, outcome: text, kind, reads, text)


def _literally(text: str) -> str:
    """Return a pattern for *text* itself."""
    return text.replace("{", "{{").replace("}", "}}")


def arithmetic(sign: Operator, left: Term, right: Term) -> Term:
    """Return `left sign right`; unknown for text, an overflow or a division by zero."""
    first, second, apply = left.value, right.value, sign.apply

    def value(values: Values) -> Value | None:
        a, b = first(values), second(values)
        if a is None or b is None or isinstance(a, str) or isinstance(b, str):
            return None
        try:
            result: float = apply(a, b)
        except ArithmeticError:
            return None
        return None if result != result else result

    return _worded(value, "number", left.reads + right.reads, f"{left.text} {sign.text} {right.text}")


def negative(term: Term) -> Term:
    """Return `-term`."""
    return arithmetic(Operator(lambda zero, number: -number, ""), literal(0), term)


def comparison(sign: Operator, left: Term, right: Term) -> Term:
    """Return `left sign right`; unknown if a side is, or if the sides cannot be compared."""
    first, second, apply = left.value, right.value, sign.apply
    reads = left.reads + right.reads

    def value(values: Values) -> bool | None:
        a, b = first(values), second(values)
        if a is None or b is None:
            return None
        try:
            return bool(apply(a, b))
        except TypeError:
            return None

    def said(values: Values, outcome: Value | None) -> str:
        a, b = left.said(values, first(values)), right.said(values, second(values))
        if outcome is None:
            return unknown_in(reads, values) or f"{a} and {b} cannot be compared"
        return f"{a} {sign.text if outcome else sign.opposite} {b}"

    words: dict[Value | None, str] = {}
    if left.text and right.text:
        words = {True: f"{left.text} {sign.text} {right.text}", False: f"{left.text} {sign.opposite} {right.text}"}
    return Term(value, said, "truth", reads, when=words)


def membership(left: Term, options: Sequence[Value], *, inside: bool) -> Term:
    """Return `left in options` (or `not in`); unknown if *left* is."""
    listed = _literally(", ".join(map(show, options)))
    among = tuple(options)

    def value(values: Values) -> bool | None:
        found = left.value(values)
        return None if found is None else (found in among) is inside

    def said(values: Values, outcome: Value | None) -> str:
        tested = left.said(values, left.value(values))
        if outcome is None:
            return unknown_in(left.reads, values) or f"{tested} has no value"
        return f"{tested} {'in' if outcome is inside else 'not in'} [{listed}]"

    return Term(value, said, "truth", left.reads)


def truth(term: Term) -> Term:
    """Return *term* as true, false or unknown: zero and the empty text are false."""
    if term.kind == "truth":
        return term

    text = term.text.replace(" ", " is ")  # "json {0}" becomes "json is {0}"

    def value(values: Values) -> bool | None:
        found = term.value(values)
        return None if found is None else bool(found)

    def said(values: Values, outcome: Value | None) -> str:
        return unknown_in(term.reads, values) if outcome is None else text

    words: dict[Value | None, str] = {True: text, False: text}
    return Term(value, said, "truth", term.reads, when=words)


def negation(term: Term) -> Term:
    """Return Kleene's `not term`. Its words are the term's own, since these state what holds."""

    def value(values: Values) -> bool | None:
        found = term.value(values)
        return None if found is None else not found

    words: dict[Value | None, str] = {not held: text for held, text in term.when.items()}
    return Term(value, lambda values, outcome: term.said(values, term.value(values)), "truth", term.reads, when=words)


def junction(terms: Sequence[Term], *, decisive: bool) -> Term:
    """Return Kleene's `and` (False is decisive) or `or` (True is) of truth terms."""
    tests = tuple(term.value for term in terms)

    def value(values: Values) -> bool | None:
        result: bool | None = not decisive
        for test in tests:
            found = test(values)
            if found is decisive:
                return decisive
            if found is None:
                result = None
        return result

    def said(values: Values, outcome: Value | None) -> str:
        came = [term for term in terms if term.value(values) is outcome]
        parts = [term.when.get(outcome) or term.said(values, outcome) for term in came]
        return " and ".join(dict.fromkeys(parts))

    same = [term.when.get(not decisive, "") for term in terms]
    words: dict[Value | None, str] = {not decisive: " and ".join(dict.fromkeys(same))} if all(same) else {}
    return Term(value, said, "truth", tuple(read for term in terms for read in term.reads), when=words)


def unknown_in(reads: Sequence[tuple[str, int]], values: Values) -> str:
    """Return in words which of *reads* are unknown, "" if none is."""
    names = dict.fromkeys(name for name, place in reads if values[place] is None)
    return " and ".join(f"{name} is unknown" for name in names)


ADD = Operator(operator.add, "+")
SUBTRACT = Operator(operator.sub, "-")
MULTIPLY = Operator(operator.mul, "*")
DIVIDE = Operator(operator.truediv, "/")
FLOOR_DIVIDE = Operator(operator.floordiv, "//")
REMAINDER = Operator(operator.mod, "%")
LESS = Operator(operator.lt, "<", ">=")
AT_MOST = Operator(operator.le, "<=", ">")
MORE = Operator(operator.gt, ">", "<=")
AT_LEAST = Operator(operator.ge, ">=", "<")
EQUAL = Operator(operator.eq, "==", "!=")
UNEQUAL = Operator(operator.ne, "!=", "==")
