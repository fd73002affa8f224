"""A report laid out for people, and the few ways figures are written in it."""

from dataclasses import dataclass
from decimal import Decimal

from router.reports.intervals import Estimate

NOTHING = (
    "`--since` takes a longer period. The ledger that is read is the one of `--config`: `smallfirst check` names it."
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: a row is as many texts as there are columns. With `numbers` columns of figures stand to the right."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """A title, a headline in words, tables, and notes below them."""

    title: str
    headline: str
    sheets: tuple[Sheet, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Money:
    """Exact dollars; `complete` is false when a part of it is not known, and the amount a lower bound."""

    usd: Decimal
    complete: bool = True

    def __str__(self) -> str:
        return usd(self.usd) if self.complete else f"at least {usd(self.usd)}"


def usd(amount: Decimal | float) -> str:
    """Dollars with cents, or with as many places as small amounts need to show three figures."""
    exact = Decimal(amount)
    places = 2 if exact == 0 or abs(exact) >= 10 else min(9, max(2, 2 - exact.adjusted()))
    sign = "−" if exact < 0 else ""
    return f"{sign}${abs(exact):,.{places}f}"


def percent(estimate: Estimate, places: int = 1) -> str:
    """`71.4 % (69.0 to 73.9)`; a dash if unknown."""
    if estimate.value is None:
        return "–"
    if estimate.low is None or estimate.high is None:
        return f"{_number(100 * estimate.value, places)} %"
    return f"{_number(100 * estimate.value, places)} % ({_span(100 * estimate.low, 100 * estimate.high, places)})"


def dollars_between(estimate: Estimate) -> str:
    """`$1.20 ($1.10 to $1.31)`; a dash if unknown."""
    if estimate.value is None:
        return "–"
    if estimate.low is None or estimate.high is None:
        return usd(estimate.value)
    return f"{usd(estimate.value)} ({usd(estimate.low)} to {usd(estimate.high)})"


def share(part: int, whole: int) -> str:
    """`12 (3.4 %)`."""
    return f"{part:,} ({100 * part / whole:.1f} %)" if whole else f"{part:,}"


def milliseconds(value: float | None) -> str:
    """Whole milliseconds, two places below ten; a dash if unknown."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"


def _span(low: float, high: float, places: int) -> str:
    return f"{_number(low, places)} to {_number(high, places)}"


def _number(value: float, places: int) -> str:
    # A rounded nothing has no sign.
    return f"{round(value, places) + 0.0:.{places}f}".replace("-", "−")


def calm(text: str) -> str:
    """Without what steers a terminal or turns its writing: names of rules, tags and fields come from outside."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
