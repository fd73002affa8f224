"""Groups' bills, whose points add up to the total's (NUMBERS: points add across groups, intervals do not)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from router.reports.bill import Bill, bill, gathered
from router.reports.intervals import Conversations, Totals
from router.reports.predicted import Predicted, predicted

Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Groups:
    """A bill for each group; `rest`: one of those together that have not enough evidence alone, None if all have."""

    bills: tuple[Bill, ...]
    rest: Bill | None


@dataclass(frozen=True, slots=True)
class _Part:
    """What one group's bill is made of."""

    group: str
    rows: Rows
    written: Rows
    known: Predicted

    @property
    def seen(self) -> Conversations:
        return gathered(self.rows, self.written, self.known)

    def billed(self, factors: Mapping[tuple[str, str], float]) -> Bill:
        """The bill, its points by these factors. The interval holds that without them too: it is of this evidence."""
        seen = self.seen  # both bills share its draws
        alone = bill(self.group, self.rows, self.written, self.known, seen)
        if all(factors.get(one.of, 1.0) == 1.0 for one in self.known.evidence):
            return alone
        told = bill(self.group, self.rows, self.written, replace(self.known, factors=factors), seen)
        return replace(
            told, saved=told.saved.around(alone.saved), saved_share=told.saved_share.around(alone.saved_share)
        )


def groups(rows: Mapping[str, Rows], written: Mapping[str, Rows], known: Predicted, seen: Conversations) -> Groups:
    """Each group's bill, by the answers that were drawn in it; `known` and `seen` are the total's.

    Groups differ in length, so each has a mean of its own; but means that few were drawn for do not add up to the mean
    of all. What is left over is shared out in proportion (ratio benchmarking): of each policy and baseline all groups'
    means are multiplied by one factor, so that Σ A/π · (actual − predicted) is what it is in the total. Those with too
    few drawn answers take part together, if together they have enough.
    """
    parts = [_part(group, its, written.get(group, ())) for group, its in rows.items()]
    few = [part for part in parts if part.known.lacking]
    rest = _part("", _whole(few), [row for part in few for row in part.written]) if few else None
    factors = _factors([part for part in parts if not part.known.lacking] + ([rest] if rest else []), known, seen)
    return Groups(tuple(part.billed(factors) for part in parts), rest.billed(factors) if rest else None)


def _part(group: str, rows: Rows, written: Rows) -> _Part:
    return _Part(group, rows, written, predicted(written))


def _whole(parts: Sequence[_Part]) -> Rows:
    """The rows of several groups, a conversation once."""
    found: dict[str, dict[str, Any]] = {}
    for row in (row for part in parts for row in part.rows):
        other = found.get(row["conversation"])
        found[row["conversation"]] = _both(row, other) if other else row
    return list(found.values())


def _both(row: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    names = {"group": "", "conversation": row["conversation"], "holdout": max(row["holdout"], other["holdout"])}
    return {name: row[name] + other[name] for name in row if name not in names} | names


def _factors(parts: Sequence[_Part], known: Predicted, seen: Conversations) -> dict[tuple[str, str], float]:
    """By policy and baseline the factor on the groups' means; none where one of them has too few drawn answers."""
    whole, told, means = _corrections(known, seen.totals), _nothing(), _nothing()
    for part in parts:
        for of, (added, mean) in _corrections(part.known, part.seen.totals).items():
            told[of] += added
            means[of] += mean
    few = {one.of for source in (known, *(part.known for part in parts)) for one in source.lacking}
    return {of: 1 + (added - told[of]) / means[of] for of, (added, _) in whole.items() if of not in few and means[of]}


def _nothing() -> defaultdict[tuple[str, str], float]:
    return defaultdict(float)


def _corrections(known: Predicted, t: Totals) -> dict[tuple[str, str], tuple[float, float]]:
    """By policy and baseline: nano-dollars to add to the bill, and the part of them that is means."""
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for place, one in enumerate(known.evidence):
        if one.enough:
            added, means = found.get(one.of, (0.0, 0.0))
            mean = float(known.at_the_mean(t, place)[0])
            other = float(t[f"routed_cost{place}"][0]) + float(t[f"served{place}"][0]) * one.price
            found[one.of] = (added + mean - other, means + mean)
    return found
