"""How good the answers served were, compared with the baseline's, where somebody graded them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any

import numpy as np

from router.reports.controls import GRADED_PARTS, GRADES, UNGRADED, Control, Graded, controls, mean, mean_of, random_mix
from router.reports.intervals import DIFFERENCE, SHARE, Conversations, Estimate, Totals, ratio
from router.reports.question import Ledger, Question
from router.reports.shadows import Forecast, forecast

COUNTS = ("n", "kept", "local_only", "named", "labelled", "kept_labelled", "missing", "truncated", "degraded")
SUMS = (
    *("n", "kept", "graded", "kept_w", "kept_d", "kept_harm", "kept_b", "big_w", "big_b"),
    *(f"{part}_graded_{name}" for part in ("kept", "big") for name in GRADES),
)
# One more small answer that somebody graded: as bad as any could be, and as good.
BEYOND = ({"kept_w": 1.0, "kept_d": 1.0, "kept_harm": 1.0, "kept_b": 1.0}, {"kept_w": 1.0, "kept_d": -1.0})
DAY_US = 86_400_000_000
# A slice with fewer kept labels than this is not called the worst of anything.
MIN_IN_SLICE = 20
# With fewer graded conversations in either stratum the bootstrap of a mean is not to be relied upon.
MIN_GRADED = 30
MAX_MISSING = 0.02
Rows = Sequence[dict[str, Any]]
Slices = Sequence[tuple[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Grades:
    """One group: its population, its labels, and what they say.

    `truncated` small answers were served although their prompt had been cut. All estimates but `kept_loss` (what the
    baseline did not answer) are of all answered requests of the population: what was kept and what the baseline
    answered count by their shares of it, however often each was graded. `quality_kept` is 1 − loss / mean(B).
    """

    group: str
    answered: int
    kept: int
    left_out_local_only: int
    left_out_named: int
    labelled: int
    kept_labelled: int
    missing: int
    truncated: int
    degraded: int
    share_small: Estimate
    served: Estimate
    small: Estimate
    big: Estimate
    quality_kept: Estimate
    loss: Estimate
    harm: Estimate
    kept_loss: Estimate


@dataclass(frozen=True, slots=True)
class Witness:
    """Labels of one kind by one grader; `counted` when this report reads them."""

    who: str
    label_kind: str
    judge: str
    labels: int
    counted: bool


@dataclass(frozen=True, slots=True)
class Quality:
    """The whole report. `withheld`: why there is no headline, empty when there is one.

    `over_mix` is the mean grade served minus that of the random mix at the same share answered small; `harmed` requests
    got a worse answer, `harmed_a_day` unless there is less than a day of traffic; `slices` are the
    rules and tasks with enough labels, `worst` the one of them with the highest loss among kept requests, None where
    none loses more than the whole, and `example` the newest exchange that lost something in the highest.
    """

    question: Question
    kind: str
    total: Grades
    groups: tuple[Grades, ...]
    withheld: str
    over_mix: Estimate
    harmed: float | None
    harmed_a_day: float | None
    slices: int
    worst: Grades | None
    example: str
    controls: tuple[Control, ...]
    witnesses: tuple[Witness, ...]
    shadow: Forecast | None


def quality(ledger: Ledger, question: Question) -> Quality:
    """The report for `question`, on the label kind that most labels have: kinds are never mixed."""
    kinds = ledger.aggregate("quality.kinds", **question.params)
    kind = _most_frequent(kinds)
    rows = _ask(ledger, question, kind, None)
    total, seen = _grades("all", rows), Conversations(rows, SUMS)
    over_mix = seen.estimate(lambda t: mean(t, "q") - random_mix(t), within=DIFFERENCE, over=GRADED_PARTS)
    by_task = _sums(ledger, question, kind, "task")
    slices = _large({"rule": _sums(ledger, question, kind, "rule"), "task": by_task})
    worst, example = _worst(ledger, question, kind, slices, seen)
    graded = Graded(seen, by_task, _sums(ledger, question, kind, "prompt_tokens"))
    harmed = None if total.harm.value is None else total.harm.value * total.answered
    days = _days(ledger, question, kind)
    return Quality(
        question=question,
        kind=kind,
        total=total,
        groups=_split(_ask(ledger, question, kind, question.by)) if question.by else (),
        withheld=_withheld(total, seen, over_mix),
        over_mix=over_mix,
        harmed=harmed,
        harmed_a_day=None if harmed is None or days is None else harmed / days,
        slices=len(slices),
        worst=worst,
        example=example,
        controls=controls(graded),
        witnesses=tuple(_witness(row, kind) for row in kinds),
        shadow=forecast(ledger, question, kind),
    )


def _ask(ledger: Ledger, question: Question, kind: str, by: str | None) -> list[dict[str, Any]]:
    return ledger.aggregate("quality.conversations", kind=kind, by=by, **question.params)


def _most_frequent(kinds: Rows) -> str:
    counts: dict[str, int] = {}
    for row in kinds:
        if row["may_speak"]:
            counts[row["label_kind"]] = counts.get(row["label_kind"], 0) + row["labels"]
    return max(counts, key=lambda kind: counts[kind], default="exact")


def _days(ledger: Ledger, question: Question, kind: str) -> float | None:
    """Days with answered requests, not the whole period asked for; None where from first to last it is no whole day."""
    for row in _sums(ledger, question, kind, None):
        if row["last"] is not None and row["last"] - row["first"] >= DAY_US:
            return min(float(row["days"]), float(row["last"] - row["first"]) / DAY_US)
    return None


def _grades(group: str, rows: Rows) -> Grades:
    seen = Conversations(rows, SUMS)
    counts = {name: sum(int(row[name]) for row in rows) for name in COUNTS}
    # Only kept requests can lose anything: over all requests no mean can be larger than their share.
    kept = counts["kept"] / counts["n"] if counts["n"] else 0.0
    return Grades(
        group=group,
        answered=counts["n"],
        kept=counts["kept"],
        left_out_local_only=counts["local_only"],
        left_out_named=counts["named"],
        labelled=counts["labelled"],
        kept_labelled=counts["kept_labelled"],
        missing=counts["missing"],
        truncated=counts["truncated"],
        degraded=counts["degraded"],
        share_small=seen.estimate(lambda t: ratio(t["kept"], t["n"]), within=SHARE, over="n"),
        served=mean_of(seen, "q"),
        small=mean_of(seen, "s"),
        big=mean_of(seen, "b"),
        quality_kept=_quality_kept(seen),
        loss=seen.estimate(lambda t: _over_all(t, "kept_d"), within=(-kept, kept), over="kept_w", beyond=BEYOND),
        harm=seen.estimate(lambda t: _over_all(t, "kept_harm"), within=(0.0, kept), over="kept_w", beyond=BEYOND),
        kept_loss=seen.estimate(
            lambda t: ratio(t["kept_d"], t["kept_w"]), within=DIFFERENCE, over="kept_w", beyond=BEYOND
        ),
    )


def _over_all(t: Totals, name: str) -> Any:
    """The weighted mean over kept labels, times the share of requests that were kept.

    What the baseline answered has d = 0 exactly and needs no label.
    """
    kept = ratio(t["kept"], t["n"])
    return np.where(kept > 0, kept * ratio(t[name], t["kept_w"]), 0.0 * kept)


def _baseline(t: Totals) -> Any:
    """mean(B): the baseline's grade over all answered requests, each part by its share."""
    kept = ratio(t["kept"], t["n"])
    of_the_rest = np.where(kept < 1, (1 - kept) * ratio(t["big_b"], t["big_w"]), 0.0)
    return _over_all(t, "kept_b") + of_the_rest


def _quality_kept(seen: Conversations) -> Estimate:
    """1 − loss / mean(B), and at least as uncertain as the loss is; unknown where mean(B) is."""
    if not seen.n:
        return Estimate(None)
    kept, baseline = seen.total("kept") / seen.total("n") if seen.total("n") else 0.0, float(_baseline(seen.totals)[0])
    if not baseline > 0:
        return Estimate(None, n=seen.counted("kept_w"))
    most = kept / baseline
    gain = 0.0 if isclose(baseline, 1.0) else max(-most, 1 - 1 / baseline)  # nothing is better than a grade of 1
    lost = seen.estimate(
        lambda t: ratio(_over_all(t, "kept_d"), _baseline(t)),
        within=(gain, most),
        over=("kept_w", "big_w"),
        beyond=(BEYOND[0], BEYOND[1] if gain else {"kept_w": 1.0, "kept_b": 1.0}),
    )
    return lost.rest


def _sums(ledger: Ledger, question: Question, kind: str, by: str | None) -> list[dict[str, Any]]:
    return ledger.aggregate("quality.groups", kind=kind, by=by, **question.params)


def _split(rows: Rows) -> tuple[Grades, ...]:
    by_group: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_group.setdefault(str(row["group"]), []).append(row)
    return tuple(_grades(group or "(none)", its) for group, its in by_group.items())


def _large(slices: Mapping[str, Rows]) -> Slices:
    """The slices with enough labels, each with what it is a slice by."""
    return [(by, row) for by, rows in slices.items() for row in rows if row["kept_labelled"] >= MIN_IN_SLICE]


def _worst(
    ledger: Ledger, question: Question, kind: str, large: Slices, seen: Conversations
) -> tuple[Grades | None, str]:
    """Of these slices the one that loses most, if it loses more than the whole, and an exchange of it that lost; only
    its interval is worked out."""
    if not large:
        return None, ""
    by, worst = max(large, key=lambda one: one[1]["kept_d"] / one[1]["kept_w"])
    example = worst["example"] or ""
    # Small slices are passed over, and the loss may be in them: then the rest is better than the whole.
    if worst["kept_d"] / worst["kept_w"] <= seen.total("kept_d") / seen.total("kept_w") + 1e-12:
        return None, example
    rows = [row for row in _ask(ledger, question, kind, by) if row["group"] == worst["group"]]
    return _grades(f"{by} {worst['group'] or '(none)'}", rows), example


def _withheld(total: Grades, seen: Conversations, over_mix: Estimate) -> str:
    if not total.labelled:
        return "no answer was graded in this period"
    if total.kept and not total.kept_labelled:
        return "no small answer that was served has been graded"
    if total.missing > MAX_MISSING * total.kept_labelled:
        return f"{total.missing:,} of {total.kept_labelled:,} labels have a grade missing, more than 2 %"
    if total.kept < total.answered and not seen.total("big_graded_w"):
        return f"{UNGRADED}, so it cannot be held against the random mix"
    if few := _too_few(total, seen):
        return f"not enough evidence: {few}"
    if over_mix.side_of_zero <= 0:
        return "not distinguishable from a random mix that answers as many requests small"
    return ""


def _too_few(total: Grades, seen: Conversations) -> str:
    """The labels missing in each stratum that has requests, in words; empty where each has enough conversations."""
    strata = (
        (total.kept, "kept_graded_w", "small answers that were served"),
        (total.answered - total.kept, "big_graded_w", "what the baseline answered"),
    )
    missing = [(MIN_GRADED - seen.counted(name), what) for requests, name, what in strata if requests]
    said = [f"{n} more {'label' if n == 1 else 'labels'} of {what}" for n, what in missing if n > 0]
    return f"{' and '.join(said)} ({MIN_GRADED} conversations of each)" if said else ""


def _witness(row: dict[str, Any], kind: str) -> Witness:
    counted = bool(row["may_speak"]) and row["label_kind"] == kind
    return Witness(row["who"], row["label_kind"], row["judge"], row["labels"], counted)
