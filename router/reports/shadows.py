"""What the plans that the baseline answered for would have done, where they were tried out in the shadow.

Nothing is predicted: the baseline answered and the plan was carried out, so both costs are measured.
"""

from dataclasses import dataclass
from math import inf
from typing import Any

from router.reports.bill import money, total_of
from router.reports.intervals import SAVED, SHARE, Conversations, Estimate, Totals, ratio
from router.reports.page import Money, Sheet, dollars_between, percent, share
from router.reports.question import Ledger, Question

SUMS = ("tried", "kept", "spent", "baseline", "kept_baseline", "conferred", "unanimous", "w", "b", "d", "harm")
# One more label: of an answer as bad as any could be, and of one as good.
BEYOND = ({"w": 1.0, "d": 1.0, "harm": 1.0}, {"w": 1.0, "d": -1.0})


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of `due` exchanges that were drawn `tried` came to their end; the estimates are over these. For `given_up` there
    was no room or no budget left; the rest are under way.

    `share_kept`: answered by the plan itself; for `uncut` of them no cut was known, and the boldest stood in. `cost`:
    what trying them out cost, with the baseline's answers that the plan would have asked for too; `saved` is the
    baseline's bill less that. `spent`: on shadows in all, given up ones included. `unanimous`: of those with several
    answers the share in which all said the same. `loss` and `harm`: as in the quality report, over the `labelled` ones
    alone.
    """

    due: int
    tried: int
    given_up: int
    share_kept: Estimate
    spent: Money
    baseline: Money
    cost: Money
    saved: Estimate
    saved_share: Estimate
    uncut: int
    conferred: int
    unanimous: Estimate
    labelled: int
    loss: Estimate
    harm: Estimate


def forecast(ledger: Ledger, question: Question, kind: str = "exact") -> Forecast | None:
    """What was tried out in this period; None where nothing was drawn. Labels of one `kind` speak of its quality."""
    rows = ledger.aggregate("shadows.conversations", kind=kind, **question.params)
    if not rows:
        return None
    seen, priced = Conversations(rows, SUMS), not total_of(rows, "unknown") and not total_of(rows, "unpriced")
    baseline, kept = money(rows, "baseline", "unpriced"), money(rows, "kept_baseline", "unpriced")
    unknown = Estimate(None, n=len(rows))
    return Forecast(
        due=total_of(rows, "due"),
        tried=total_of(rows, "tried"),
        given_up=total_of(rows, "given_up"),
        share_kept=seen.estimate(lambda t: ratio(t["kept"], t["tried"]), within=SHARE, over="tried"),
        spent=money(rows, "spent_in_all", "unknown"),
        baseline=baseline,
        cost=Money(baseline.usd - kept.usd + money(rows, "spent", "unknown").usd, priced),
        saved=seen.estimate(_saved, within=(-inf, float(baseline.usd)), over="tried", leans=0.0) if priced else unknown,
        saved_share=seen.estimate(_saved_share, within=SAVED, over="tried", leans=0.0) if priced else unknown,
        uncut=total_of(rows, "uncut"),
        conferred=total_of(rows, "conferred"),
        unanimous=seen.estimate(lambda t: ratio(t["unanimous"], t["conferred"]), within=SHARE, over="conferred"),
        labelled=total_of(rows, "labelled"),
        loss=seen.estimate(lambda t: ratio(t["d"], t["w"]), within=(-1.0, 1.0), over="w", beyond=BEYOND),
        harm=seen.estimate(lambda t: ratio(t["harm"], t["w"]), within=SHARE, over="w", beyond=BEYOND),
    )


def _saved(t: Totals) -> Any:
    return (t["kept_baseline"] - t["spent"]) / 1e9


def _saved_share(t: Totals) -> Any:
    return ratio(t["kept_baseline"] - t["spent"], t["baseline"])


def money_sheet(found: Forecast) -> Sheet:
    """What the savings report says of it."""
    rows = [
        ("tried out", share(found.tried, found.due), f"{_drawn(found)}; it cost {found.spent}"),
        ("would have kept", percent(found.share_kept), "answered by the plan itself, without the baseline"),
        *_uncut(found),
        ("would have cost", str(found.cost), f"the baseline's answers to the same cost {found.baseline}"),
        ("would have saved", dollars_between(found.saved), percent(found.saved_share)),
    ]
    if found.conferred:
        rows.append(("all agreed", percent(found.unanimous), f"of {found.conferred:,} with several answers"))
    return Sheet("In the shadow of the baseline", ("", "", ""), tuple(rows), numbers=False)


def grades_sheet(found: Forecast) -> Sheet:
    """What the quality report says of it."""
    grades = f"{found.labelled:,} labels" if found.labelled else "no labels yet: nothing is known of its quality"
    rows = (
        ("tried out", share(found.tried, found.due), _drawn(found)),
        ("would have kept", percent(found.share_kept), "answered by the plan itself, without the baseline"),
        *_uncut(found),
        ("loss", percent(found.loss), grades),
        ("harm", percent(found.harm), "of all that were tried out and graded"),
    )
    return Sheet("In the shadow of the baseline", ("", "", ""), rows, numbers=False)


def _drawn(found: Forecast) -> str:
    given_up = f", {found.given_up:,} given up for want of room or budget" if found.given_up else ""
    return f"of {found.due:,} drawn{given_up}"


def _uncut(found: Forecast) -> tuple[tuple[str, str, str], ...]:
    """By which cut the plan would have kept, where none is known: a certificate's keeps no more than the boldest."""
    why = "the boldest stood in, which keeps whatever any cut could: at most this"
    return (("no cut known", share(found.uncut, found.tried), why),) if found.uncut else ()
