"""How long the baseline's answers would have been where it was not asked (NUMBERS: Baseline output tokens)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from router.reports.intervals import Totals, ratio

# Of answers from fewer conversations drawn by chance a mean length is not enough evidence.
MIN_DRAWN = 30
Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the baseline's answers under some rules of a policy.

    `predicted`: answers that others gave in its place; `drawn`: its own answers to conversations that
    the hold-out drew under the same rules, the only ones read (an escalation shows it on hard questions
    only), from so many `conversations`; `price`: nano-dollars a token of theirs.
    """

    policy: str
    rules: tuple[str, ...]
    baseline: str
    predicted: int
    drawn: int
    conversations: int
    price: float

    @property
    def of(self) -> tuple[str, str]:
        """The policy and the baseline."""
        return self.policy, self.baseline

    @property
    def enough(self) -> bool:
        """Whether a mean over the drawn answers may be used: those of one conversation resemble each other."""
        return self.conversations >= MIN_DRAWN

    def speaks_of(self, row: Mapping[str, Any]) -> bool:
        """Whether a row of `savings.written` is under these rules."""
        return row["policy"] == self.policy and row["baseline"] == self.baseline and row["rule"] in self.rules


@dataclass(frozen=True, slots=True)
class Predicted:
    """The evidence of a period, and the sums a conversation that it rests on.

    `factors`: by policy and baseline, what a group's mean answer is multiplied by so that groups add up to their total
    (`groups.py`); 1 where none is named.
    """

    evidence: tuple[Evidence, ...]
    drawn: Mapping[str, Mapping[str, float]]
    factors: Mapping[tuple[str, str], float] = field(default_factory=dict)

    @property
    def lacking(self) -> tuple[Evidence, ...]:
        """The rules under which too few of the baseline's answers were drawn to predict the others."""
        return tuple(one for one in self.evidence if not one.enough)

    @property
    def names(self) -> tuple[str, ...]:
        """The sums a conversation that `correction` reads."""
        return tuple(f"{name}{place}" for place in range(len(self.evidence)) for name in _SUMS)

    @property
    def noise(self) -> float:
        """The variance (nano-dollars²) of what the answers that were never given would have cost, their mean known.

        It adds up conversation by conversation, as that of the drawn ones does.
        """
        return sum(one.predicted * self._spread(place) for place, one in enumerate(self.evidence))

    def _spread(self, place: int) -> float:
        """The variance of what an answer costs, of those drawn in the place of this evidence; conversations cluster."""
        here = [sums for sums in self.drawn.values() if f"drawn{place}" in sums]
        count, cost = (np.array([sums[f"{name}{place}"] for sums in here]) for name in _DRAWN)
        if len(here) < 2:
            return 0.0
        away = cost - count * cost.sum() / count.sum()
        return float((away**2).sum() / count.sum() * len(here) / (len(here) - 1))

    def beside(self, rows: Rows, written: Rows) -> list[dict[str, Any]]:
        """The `rows` of conversations with these sums beside theirs: `written` is of the same group.

        The drawn answers of all conversations stay in, so that their own spread reaches the interval.
        """
        nothing = dict.fromkeys(rows[0], 0) if rows else {}
        blank = dict.fromkeys(self.names, 0.0)
        found = {row["conversation"]: {**row, **blank} for row in rows}
        for conversation, sums in self.drawn.items():
            found.setdefault(conversation, {**nothing, **blank}).update(sums)
        for row in written:
            _add(found[row["conversation"]], self.evidence, row, _ROUTED)
        return list(found.values())

    def correction(self, t: Totals) -> NDArray[np.float64]:
        """Nano-dollars to add to the baseline's bill, which has its answers as long as those served instead.

        What all routed requests of a rule would have cost at the mean drawn answer, less what the
        baseline's own among them did cost, less what the served answers' tokens were counted as.
        """
        added = np.zeros_like(next(iter(t.values())))
        for place, one in enumerate(self.evidence):
            means = self.factors.get(one.of, 1.0) * self.at_the_mean(t, place)
            added = added + means - t[f"routed_cost{place}"] - t[f"served{place}"] * one.price
        return added

    def at_the_mean(self, t: Totals, place: int) -> NDArray[np.float64]:
        """Nano-dollars: all routed requests in the place of this evidence at the mean drawn answer."""
        return t[f"routed{place}"] * ratio(t[f"drawn_cost{place}"], t[f"drawn{place}"])


_ROUTED = ("routed", "routed_cost", "served")
_DRAWN = ("drawn", "drawn_cost")
_SUMS = (*_ROUTED, *_DRAWN)


def predicted(rows: Rows) -> Predicted:
    """The evidence in these rows of `savings.written`: of a group in its own alone, since groups differ in length."""
    by_policy: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        by_policy.setdefault((row["policy"], row["baseline"]), []).append(row)
    evidence = tuple(one for of, its in by_policy.items() for one in _evidence(*of, its))
    drawn: dict[str, dict[str, float]] = {}
    for row in rows:
        if row["drawn"]:
            _add(drawn.setdefault(row["conversation"], {}), evidence, row, _DRAWN)
    return Predicted(evidence, drawn)


def _evidence(policy: str, baseline: str, rows: Rows) -> list[Evidence]:
    """The evidence of one rule if enough was drawn under it; else of all such rules; else of the whole policy."""
    rules = sorted({row["rule"] for row in rows})
    alone = [rule for rule in rules if _sum(rows, "predicted", (rule,)) and _conversations(rows, (rule,)) >= MIN_DRAWN]
    rest = tuple(rule for rule in rules if rule not in alone)
    groups: list[tuple[str, ...]] = [(rule,) for rule in alone]
    if _sum(rows, "predicted", rest):
        pooled = _conversations(rows, rest) < MIN_DRAWN <= _conversations(rows, tuple(rules))
        groups = [tuple(rules)] if pooled else [*groups, rest]
    return [_of(policy, baseline, group, rows) for group in groups]


def _of(policy: str, baseline: str, rules: tuple[str, ...], rows: Rows) -> Evidence:
    drawn = int(_sum(rows, "drawn", rules))
    price = _sum(rows, "drawn_price", rules) / drawn if drawn else 0.0
    return Evidence(
        policy, rules, baseline, int(_sum(rows, "predicted", rules)), drawn, _conversations(rows, rules), price
    )


def _conversations(rows: Rows, rules: Sequence[str]) -> int:
    """How many conversations have an answer that was drawn under these rules."""
    return len({row["conversation"] for row in rows if row["rule"] in rules and row["drawn"]})


def _sum(rows: Rows, name: str, rules: tuple[str, ...]) -> float:
    return sum(float(row[name]) for row in rows if row["rule"] in rules)


def _add(sums: dict[str, Any], evidence: Sequence[Evidence], row: Mapping[str, Any], names: Sequence[str]) -> None:
    """Add the `names` of `row` to the sums of its conversation, in the place of the evidence that speaks of it."""
    for place, one in enumerate(evidence):
        if one.speaks_of(row):
            sums.update({f"{name}{place}": sums.get(f"{name}{place}", 0.0) + float(row[name]) for name in names})
