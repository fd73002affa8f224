"""What a report is asked: which days, grouped by what, of which ledger."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

US = 1_000_000
SPANS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
GROUPS = re.compile(r"upstream|policy|rule|key|day|tag\.[A-Za-z0-9_.-]{1,64}")


class Ledger(Protocol):
    """The part of a store that a report sees."""

    def aggregate(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """A named aggregate, grouped in SQL."""


@dataclass(frozen=True, slots=True)
class Question:
    """Exchanges that started at `since_us` or later and before `until_us`, grouped by `by` or not at all."""

    since_us: int
    until_us: int
    by: str | None = None

    @property
    def params(self) -> dict[str, Any]:
        """The period, as every aggregate takes it."""
        return {"since_us": self.since_us, "until_us": self.until_us}

    @property
    def plain(self) -> dict[str, str | None]:
        """The question for programs: its period in UTC, and what it groups by."""
        return {"since": iso(self.since_us), "until": iso(self.until_us), "by": self.by}

    def __str__(self) -> str:
        return f"{minute(self.since_us)} to {minute(self.until_us)}"


def question(since: str, until: str | None, by: str | None, now_us: int) -> Question:
    """The question that `--since`, `--until` and `--by` ask at `now_us`.

    Times are a span back from the end (`90m`, `24h`, `7d`, `2w`) or a date or time in ISO 8601, UTC
    where it names no zone. Raises ValueError with what to write instead.
    """
    end = now_us if until is None else _moment(until, now_us)
    start = _moment(since, end)
    if start >= end:
        raise ValueError(f"--since {since} is not before --until {until or 'now'}; give an earlier --since")
    if by and not GROUPS.fullmatch(by):
        raise ValueError(f"cannot group by {by!r}; use upstream, policy, rule, key, day or tag.NAME")
    return Question(start, end, by)


def minute(moment_us: int) -> str:
    """A moment for people, UTC, to the minute."""
    return datetime.fromtimestamp(moment_us / US, UTC).strftime("%Y-%m-%d %H:%M")


def iso(moment_us: int) -> str:
    """A moment for programs: ISO 8601 with its zone, to the second."""
    return datetime.fromtimestamp(moment_us / US, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str, end_us: int) -> int:
    span = re.fullmatch(r"(\d{1,6})([mhdw])", text)
    if span:
        return end_us - int(span[1]) * SPANS[span[2]] * US
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"cannot read the time {text!r}; write 7d, 24h or 2026-01-31") from None
    return round(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * US)
