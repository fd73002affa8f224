"""Finds the smallest change of one signal that would have led to another plan."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, isfinite, nextafter

from policies.conditions import Condition
from policies.decide import meet
from policies.policy import Policy, Rule
from policies.terms import Signals, Value

DOUBLINGS = 24
HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Change:
    """If `signal` were `after` instead of `before`, `rule` would be met and `plan` carried out; None is unknown."""

    signal: str
    before: Value
    after: Value | None
    rule: str
    plan: str


def smallest_change(policy: Policy, signals: Signals) -> Change | None:
    """Return the smallest change of one signal that leads to another plan, or None if none alone does.

    Only signals of the request that the policy's rules read are tried. A yes or no is flipped; a text becomes
    one that a rule names, or unknown. A number is moved up and down by doubling steps, then halved back to the
    edge, within its range: a chance is in [0, 1], and counts are not negative; the numbers that its rules name
    are tried as well, so that no narrow band is jumped over. Changes are compared relative to the signal's own
    value, or to 1 if that is smaller. Cuts and the upstreams' facts are not changed.
    """
    met, _ = meet(policy, signals)
    names = {_key(rule, read.name) for rule in policy.rules if rule.when for read in rule.when.reads}
    found = [
        (size, change)
        for name in sorted(names & signals.keys())
        for size, change in _changes(policy, signals, name, met)
    ]
    return min(found, key=lambda pair: (pair[0], pair[1].signal))[1] if found else None


def edges(policy: Policy, signals: Signals, name: str) -> tuple[float, ...]:
    """Return the nearest values of the number *name*, at most one below and one above, that lead to another plan."""
    before = signals.get(name)
    if before is None or isinstance(before, (bool, str)):
        return ()
    met, _ = meet(policy, signals)
    found = (_edge(policy, signals, name, direction, met) for direction in (-1, 1))
    return tuple(edge for edge in found if edge is not None)


def _key(rule: Rule, name: str) -> str:
    """Return the key of a signal of the request, "" for cuts and the upstreams' facts."""
    if name == "p_good" and rule.subject:
        return f"p_good.{rule.subject}"
    if name in ("cut", "keep_cut") or ("." in name and not name.startswith("p_good.")):
        return ""
    return name


def _changes(policy: Policy, signals: Signals, name: str, met: Rule) -> list[tuple[float, Change]]:
    before = signals.get(name)
    if before is None:
        return []
    if isinstance(before, str):
        named = sorted({text for text in _named(policy, name) if isinstance(text, str) and text != before})
        tried = ((after, _met_with(policy, signals, name, after)) for after in (*named, None))
        return next(
            ([(1.0, _change(name, before, after, other))] for after, other in tried if other.plan != met.plan), []
        )
    if isinstance(before, bool):
        other = _met_with(policy, signals, name, not before)
        return [(1.0, _change(name, before, not before, other))] if other.plan != met.plan else []
    edges = (_edge(policy, signals, name, direction, met) for direction in (1, -1))
    scale = max(abs(before), 1.0)
    return [
        (abs(after - before) / scale, _change(name, before, after, _met_with(policy, signals, name, after)))
        for after in edges
        if after is not None
    ]


def _edge(policy: Policy, signals: Signals, name: str, direction: int, met: Rule) -> float | int | None:
    """Return the nearest value in one direction that leads to another plan, if any; whole if the signal is."""
    before = signals[name]
    assert isinstance(before, (int, float))
    whole, reach = isinstance(before, int), _reach(name, before, direction)
    found = _searched(policy, signals, name, direction, met)
    near = [] if found is None else [found]
    for at in _beside(policy, signals, name, whole):
        closer = found is None or abs(at - before) < abs(found - before)
        inside = direction * (at - before) > 0 and direction * at <= direction * (before + direction * reach)
        if closer and inside and _other(policy, signals, name, at, met):
            near.append(at)
    return min(near, key=lambda at: abs(at - before), default=None)


def _beside(policy: Policy, signals: Signals, name: str, whole: bool) -> Iterator[float | int]:
    """The numbers that the rules which read a signal compare anything with, and those next to them on either side."""
    reads = [(rule, read.name) for rule, when in _reading(policy, name) for read in when.reads]
    others = {_key(rule, other) or other for rule, other in reads}
    numbers = {*_named(policy, name), *(signals.get(other) for other in others - {name})}
    for number in numbers:
        if isinstance(number, (int, float)) and not isinstance(number, bool) and isfinite(number):
            yield from (int(number) + by for by in (-1, 0, 1)) if whole else _floats(number)


def _floats(number: float) -> tuple[float, ...]:
    return (nextafter(number, -inf), float(number), nextafter(number, inf))


def _named(policy: Policy, name: str) -> Iterator[Value]:
    """The numbers and texts that stand in the conditions which read a signal."""
    for _, when in _reading(policy, name):
        for node in ast.walk(ast.parse(when.text.strip(), mode="eval")):
            if isinstance(node, ast.Constant) and isinstance(node.value, (int, float, str)):
                yield node.value


def _reading(policy: Policy, name: str) -> Iterator[tuple[Rule, Condition]]:
    for rule in policy.rules:
        if rule.when and name in {_key(rule, read.name) for read in rule.when.reads}:
            yield rule, rule.when


def _searched(policy: Policy, signals: Signals, name: str, direction: int, met: Rule) -> float | int | None:
    """Return the first such value that doubling steps find, halved back to its edge."""
    before = signals[name]
    assert isinstance(before, (int, float))
    whole = isinstance(before, int)
    reach = _reach(name, before, direction)
    near, far = 0.0, min(1.0 if whole else max(abs(before), 1.0) / 1024, reach)
    for _ in range(DOUBLINGS):
        if _other(policy, signals, name, before + direction * far, met):
            break
        near, far = far, min(far * 2, reach)
        if near == far:
            return None
    else:
        return None
    for _ in range(HALVINGS):
        if whole and far - near <= 1:
            break
        middle = (near + far) // 2 if whole else (near + far) / 2
        if _other(policy, signals, name, before + direction * middle, met):
            far = middle
        else:
            near = middle
    after = before + direction * far
    return int(after) if whole else after


def _reach(name: str, before: float, direction: int) -> float:
    """How far a number can move in one direction; signals are chances, counts and amounts."""
    chance = name == "p_good" or name.startswith("p_good.")
    if direction > 0:
        return max(0.0, 1.0 - before) if chance else inf
    return float(before) if before >= 0 else inf


def _other(policy: Policy, signals: Signals, name: str, value: Value, met: Rule) -> bool:
    return _met_with(policy, signals, name, value).plan != met.plan


def _met_with(policy: Policy, signals: Signals, name: str, value: Value | None) -> Rule:
    return meet(policy, {**signals, name: value})[0]


def _change(name: str, before: Value, after: Value | None, met: Rule) -> Change:
    return Change(name, before, after, met.name, str(met.plan))
