"""Who saw what, compared with what may leave: from the ledger, with the detectors' own recall beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from router.reports.question import Ledger, Question, iso
from router.reports.trial import Share, Trial, trial

HAD_TO_STAY = "local_only"
UNSEEN = (
    "names, postal addresses, birthdays and illnesses in prose",
    "pictures, sound and the bytes of files (pii.unseen says that they are there)",
    "numbers written as words, base64 outside data: addresses, numbers broken over lines or messages",
    "national numbers of countries that are not listed",
)


@dataclass(frozen=True, slots=True)
class Violation:
    """Calls that `rule` (`local_only`, or a tag of the allow-list) forbids. `example` is one exchange's id."""

    rule: str
    upstream: str
    model: str
    egress: str
    host: str
    peer: str
    origin: str
    requests: int
    tokens_in: int
    first_at: int
    last_at: int
    example: str


@dataclass(frozen=True, slots=True)
class Processor:
    """One processor's share of one group, for one origin.

    Calls: `detected` contained a finding, `unsearched` were not searched, `must_stay` had to stay, `uncounted` have no
    token count.
    """

    group: str
    egress: str
    host: str
    upstream: str
    model: str
    origin: str
    local: bool
    requests: int
    calls: int
    tokens_in: int
    uncounted: int
    must_stay: int
    detected: int
    unsearched: int


@dataclass(frozen=True, slots=True)
class Privacy:
    """The whole report. `unproven` calls say nothing of where they went, `open` ones have not ended, `unsent`
    ones found no connection. `allowed` is the configured allow-list."""

    question: Question
    violations: tuple[Violation, ...]
    processors: tuple[Processor, ...]
    calls: int
    unproven: int
    open: int
    unsent: int
    allowed: Mapping[str, tuple[str, ...]]
    trial: Trial


def privacy(ledger: Ledger, question: Question, allowed: Mapping[str, Sequence[str]]) -> Privacy:
    """The report for `question`; `allowed` names by `TAG=VALUE` the upstreams, or `local`, that may see it."""
    (known,) = ledger.aggregate("privacy.unproven", **question.params)
    rows = ledger.aggregate("privacy.processors", by=question.by, **question.params)
    return Privacy(
        question=question,
        violations=_violations(ledger, question, allowed),
        processors=tuple(Processor(**{**row, "group": str(row["group"]), "local": bool(row["local"])}) for row in rows),
        calls=known["calls"],
        unproven=known["before"],
        open=known["open"],
        unsent=known["unsent"],
        allowed={rule: tuple(names) for rule, names in allowed.items()},
        trial=trial(),
    )


def _violations(ledger: Ledger, question: Question, allowed: Mapping[str, Sequence[str]]) -> tuple[Violation, ...]:
    found = [Violation(HAD_TO_STAY, **row) for row in ledger.aggregate("privacy.left", **question.params)]
    for rule, names in allowed.items():
        tag, _, value = rule.partition("=")
        rows = ledger.aggregate("privacy.strayed", tag=tag, value=value, allowed=tuple(names), **question.params)
        found += [Violation(rule, **row) for row in rows]
    return tuple(found)


def plain(report: Privacy) -> dict[str, Any]:
    """For programs: the record's own names, times in UTC, shares with their intervals."""
    return {
        "report": "privacy",
        **report.question.plain,
        "violations": [
            asdict(one) | {"first_at": iso(one.first_at), "last_at": iso(one.last_at)} for one in report.violations
        ],
        "processors": [asdict(one) for one in report.processors],
        "calls": report.calls,
        "unproven": report.unproven,
        "open": report.open,
        "unsent": report.unsent,
        "allowed": {rule: list(names) for rule, names in report.allowed.items()},
        "detectors": _detectors(report.trial),
        "unseen": list(UNSEEN),
    }


def flat(report: Privacy) -> list[dict[str, Any]]:
    """For spreadsheets: violations first, then processors, in one table."""
    violations = [
        {"what": "violation"} | asdict(one) | {"first_at": iso(one.first_at), "last_at": iso(one.last_at)}
        for one in report.violations
    ]
    return violations + [{"what": "processor"} | asdict(one) for one in report.processors]


def _detectors(made: Trial) -> dict[str, Any]:
    return {
        "set": made.name,
        "digest": made.digest,
        "texts": made.n,
        "scores": [
            {
                "detector": score.name,
                "recall": _figures(score.recall),
                "recall_disguised": _figures(score.disguised),
                "precision": None if score.precision is None else _figures(score.precision),
            }
            for score in made.scores
        ],
        "disguises": {form: _figures(share) for form, share in made.forms},
    }


def _figures(share: Share) -> dict[str, Any]:
    low, high = share.interval
    return {"value": share.value, "low": low, "high": high, "n": share.n}
