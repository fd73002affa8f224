"""The quality report laid out: for people, for programs, for spreadsheets."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from router.reports.controls import Control
from router.reports.intervals import Estimate
from router.reports.page import Page, Sheet, percent, share
from router.reports.quality import MIN_IN_SLICE, Grades, Quality
from router.reports.shadows import grades_sheet

ABOUT = (
    "Loss: the baseline's grade minus the served one's, over all answered requests; what the baseline answered loses "
    "nothing. Harm: the same, worse answers only. Intervals: 95 %, bootstrap over conversations; where few "
    "were worse, with one more that nobody has seen."
)
NO_LABELS = (
    "Nothing is known about quality without grades. `smallfirst demo` grades what it plays; of your own traffic, put "
    "labels into the ledger (docs/reports.md), or learn from a labelled file: smallfirst learn evaluate."
)
AGREED = (
    "Labels of agreement say which small answers said the same as the baseline's. They are not counted as quality, but "
    "can be learned from: `smallfirst learn evaluate --from ledger` says what could be kept small, at what loss and "
    "by which cut."
)
HINDSIGHT = (
    "Prompt length, task mean and oracle are chosen in hindsight on these very rows: they flatter themselves, and for "
    "the first two no interval would say by how much."
)


def page(report: Quality) -> Page:
    """For people."""
    by = f" by {report.question.by}" if report.question.by else ""
    title = f"Quality{by}, {report.question} UTC"
    shadow = (grades_sheet(report.shadow),) if report.shadow else ()
    if not report.total.labelled:
        witnesses = (_labels_sheet(report),) if report.witnesses else ()
        agreed = any(one.who == "agreement" for one in report.witnesses)
        return Page(title, headline(report), (*shadow, *witnesses), (AGREED if agreed else NO_LABELS,))
    sheets = [_grades_sheet(report), *shadow]
    if report.groups:
        sheets.append(_groups_sheet(report.groups, report.question.by or ""))
    sheets += [_controls_sheet(report), _labels_sheet(report)]
    return Page(title, headline(report), tuple(sheets), _notes(report))


def headline(report: Quality) -> str:
    """One sentence; if there is no headline, why."""
    total = report.total
    if report.withheld:
        return f"No headline: {report.withheld}."
    return (
        f"{percent(total.share_small)} answered small, {percent(total.quality_kept)} of the baseline's quality kept, "
        f"{percent(total.harm)} {_worse(report)}; {points(report.over_mix)} points above the random mix."
    )


def plain(report: Quality) -> dict[str, Any]:
    """For programs: the record's own names, times in UTC."""
    content = asdict(report)
    del content["question"]
    return {"report": "quality", **report.question.plain, "headline": headline(report), **content}


def flat(report: Quality) -> list[dict[str, Any]]:
    """For spreadsheets: a row for everything, then one a group."""
    return [_flat(grades) for grades in (report.total, *report.groups)]


def points(estimate: Estimate) -> str:
    """A difference of two shares in percentage points, with its interval."""
    return percent(estimate).replace(" %", "")


def _grades_sheet(report: Quality) -> Sheet:
    total = report.total
    rows = [
        ("answered", f"{total.answered:,}", f"{total.kept:,} of them small: {percent(total.share_small)}"),
        ("labels", f"{total.labelled:,} {report.kind}", f"{total.kept_labelled:,} on small answers that were served"),
        ("served", percent(total.served), f"mean grade; {percent(total.quality_kept)} of the baseline's"),
        ("loss", percent(total.loss), "of all answered requests"),
        ("harm", percent(total.harm), _harmed(report)),
        ("loss among kept", percent(total.kept_loss), f"{total.kept_labelled:,} labels"),
    ]
    rows += _worst(report)
    rows.append(("over random mix", f"{points(report.over_mix)} points", "same requests, same share answered small"))
    return Sheet("Grades", ("", "", ""), tuple(rows), numbers=False)


def _worst(report: Quality) -> Iterator[tuple[str, str, str]]:
    """The slice that loses most, or that none large enough loses more than the whole; and an exchange that lost."""
    if worst := report.worst:
        labels = f"{worst.kept_labelled:,} labels"
        yield ("worst slice", percent(worst.kept_loss), f"{worst.group}, {labels}, among kept; chosen as the worst")
    elif report.slices:
        of = f"none of {report.slices:,} with {MIN_IN_SLICE} labels or more loses more than the whole"
        yield ("worst slice", "–", of)
    if report.example:
        yield ("", "", f"one of {'them' if report.worst else 'those lost'}: smallfirst explain {report.example}")


def _harmed(report: Quality) -> str:
    """How many that is, and how many a day, where there is a day to speak of."""
    harm, answered = report.total.harm, report.total.answered
    if report.harmed is None or harm.low is None or harm.high is None:
        return ""
    between = f"({harm.low * answered:,.0f} to {harm.high * answered:,.0f})"
    count = f"about {report.harmed:,.1f} {between} of these requests{', each by a whole grade' * _by_degrees(report)}"
    return count if report.harmed_a_day is None else f"{count}, {report.harmed_a_day:,.1f} a day"


def _worse(report: Quality) -> str:
    """What harm is a share of: of right and wrong answers how many are worse; of graded ones how much is lost."""
    return "of a grade lost in worse answers" if _by_degrees(report) else "of answers worse"


def _by_degrees(report: Quality) -> bool:
    """Whether an answer may be worse by part of a grade."""
    return report.kind == "graded"


def _groups_sheet(groups: tuple[Grades, ...], by: str) -> Sheet:
    rows = tuple(
        (
            grades.group,
            f"{grades.answered:,}",
            percent(grades.share_small, 0),
            f"{grades.labelled:,}",
            percent(grades.served, 0),
            percent(grades.loss),
            percent(grades.harm),
        )
        for grades in groups
    )
    return Sheet("Groups", (by, "answered", "small", "labels", "served", "loss", "harm"), rows)


def _controls_sheet(report: Quality) -> Sheet:
    total = report.total
    kept = total.kept / total.answered if total.answered else None
    ours = ("what was done", percent(total.served), _share(kept), "")
    rows = (ours, *(_control(control) for control in report.controls))
    return Sheet("Controls, on the same requests", ("", "mean grade", "small", ""), rows, numbers=False)


def _control(control: Control) -> tuple[str, ...]:
    return (control.name, percent(control.quality), _share(control.share_small), control.why)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _labels_sheet(report: Quality) -> Sheet:
    rows = tuple(
        (w.who, w.label_kind, w.judge or "–", f"{w.labels:,}", "yes" if w.counted else "no") for w in report.witnesses
    )
    return Sheet("Who graded", ("who", "kind", "judge", "labels", "counted here"), rows, numbers=False)


def _notes(report: Quality) -> tuple[str, ...]:
    total = report.total
    notes = [HINDSIGHT]
    if total.left_out_local_only or total.left_out_named:
        notes.append(
            f"Left out: {total.left_out_local_only:,} local-only requests, and {total.left_out_named:,} whose client "
            "named the upstream."
        )
    if total.truncated:
        notes.append(
            f"Served although the server had cut the prompt: {share(total.truncated, total.kept)} of the small "
            "answers; each counts as worth nothing, whatever was said of it."
        )
    if total.degraded:
        notes.append(
            f"Served although doubted or cut: {share(total.degraded, total.answered)}; counted like any other."
        )
    if total.missing:
        notes.append(f"Labels with a grade missing count as a full loss: {share(total.missing, total.kept_labelled)}.")
    return (*notes, ABOUT)


def _flat(grades: Grades) -> dict[str, Any]:
    row: dict[str, Any] = {
        "group": grades.group,
        "answered": grades.answered,
        "kept": grades.kept,
        "labelled": grades.labelled,
        "kept_labelled": grades.kept_labelled,
        "missing": grades.missing,
        "truncated": grades.truncated,
        "degraded": grades.degraded,
    }
    estimates = {
        "share_small": grades.share_small,
        "served": grades.served,
        "small": grades.small,
        "big": grades.big,
        "quality_kept": grades.quality_kept,
        "loss": grades.loss,
        "harm": grades.harm,
        "kept_loss": grades.kept_loss,
    }
    for name, estimate in estimates.items():
        row |= {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
    return row
