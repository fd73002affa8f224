"""The privacy report laid out for people: violations first, then who saw what, then how far to believe it."""

from collections.abc import Sequence

from router.core.egress import Egress
from router.reports.page import Page, Sheet
from router.reports.privacy import UNSEEN, Privacy, Processor, Violation
from router.reports.question import minute
from router.reports.trial import Trial


def page(report: Privacy) -> Page:
    """For people."""
    by = f" by {report.question.by}" if report.question.by else ""
    title = f"Privacy{by}, {report.question} UTC"
    if not report.calls:
        return Page(title, "No calls in this period.", (), _notes(report))
    sheets = [_violations(report.violations)] if report.violations else []
    sheets += [
        _processors(report.processors, report.question.by or ""),
        _detectors(report.trial),
        _disguises(report.trial),
    ]
    return Page(title, _headline(report), tuple(sheets), _notes(report))


def _headline(report: Privacy) -> str:
    # What never left this process was seen by nobody; another's server on this machine may pass on what it is sent.
    gone = [one for one in report.processors if not one.local and one.egress != Egress.PROCESS]
    tokens, calls = (sum(getattr(one, name) for one in gone) for name in ("tokens_in", "calls"))
    least = "at least " if any(one.uncounted for one in gone) else ""
    summary = f"{report.calls:,} calls; {calls:,} left, with {least}{tokens:,} tokens; {_detected(gone, calls)}."
    if report.violations:
        count = sum(one.requests for one in report.violations)
        return f"{count:,} requests went where they must not: see first. {summary}"
    stayed = sum(one.must_stay for one in report.processors)
    return f"No violation recorded: every one of {stayed:,} calls that had to stay did. {summary}"


def _detected(gone: Sequence[Processor], calls: int) -> str:
    """In how many of the calls that left something was found, of those that anybody searched."""
    unsearched, found = sum(one.unsearched for one in gone), sum(one.detected for one in gone)
    if calls and unsearched == calls:
        return "none of them was searched"
    of_them = f", {unsearched:,} not searched" if unsearched else ""
    return f"in {found:,} something was *detected*{of_them}"


def _violations(found: Sequence[Violation]) -> Sheet:
    rows = tuple(
        (one.rule, one.upstream, one.host or "–", one.origin, f"{one.requests:,}", minute(one.first_at), one.example)
        for one in found
    )
    return Sheet(
        "Went where it must not", ("rule", "upstream", "host", "origin", "requests", "first", "id"), rows, False
    )


def _processors(found: Sequence[Processor], by: str) -> Sheet:
    columns = (by, "went", "host", "upstream", "origin", "requests", "tokens in", "had to stay", "detected")
    rows = tuple(
        (
            one.group if by else "",
            one.egress or "unknown",
            one.host or "–",
            one.upstream,
            one.origin,
            f"{one.requests:,}",
            f"{'≥ ' if one.uncounted else ''}{one.tokens_in:,}",
            f"{one.must_stay:,}",
            "not searched" if one.unsearched == one.calls else f"{one.detected:,}",
        )
        for one in found
    )
    return Sheet("Who saw what", columns if by else columns[1:], rows if by else tuple(row[1:] for row in rows))


def _detectors(made: Trial) -> Sheet:
    """By kind of thing; the numbers of single countries, of which there are dozens, are for programs."""
    rows = tuple(
        (score.name, str(score.recall), str(score.disguised), str(score.precision))
        for score in made.scores
        if score.precision is not None
    )
    title = f"The detectors on {made.name} ({made.n:,} texts made by a program, digest {made.digest}), 95 % intervals"
    return Sheet(title, ("detector", "recall", "in disguise", "precision"), rows)


def _disguises(made: Trial) -> Sheet:
    rows = tuple((form, str(share), str(share.n)) for form, share in made.forms)
    return Sheet("In which disguise", ("disguise", "recall", "tried"), rows)


def _notes(report: Privacy) -> tuple[str, ...]:
    notes = ["*Detected* is what a detector found. Nothing detected does not mean that nothing personal was there."]
    notes += [f"No detector reads {what}." for what in UNSEEN]
    notes.append("Precision is that on this set; on your traffic it depends on how rare such numbers are there.")
    notes.append("Each country's national number by itself: `--format json`.")
    if report.unproven:
        notes.append(f"{report.unproven:,} calls were written before the ledger kept where they went: unproven.")
    if report.open:
        notes.append(f"{report.open:,} calls have not ended; they count as sent.")
    if report.unsent:
        notes.append(f"{report.unsent:,} calls found no connection and reached no server.")
    if not report.allowed:
        notes.append("No allow-list: name who may see what under `egress:` in config.yaml, as {team=legal: [local]}.")
    return tuple(notes)
