"""Families about numbers: sums, sizes, units, days and months."""

from __future__ import annotations

from random import Random

from router.builtin.applications import ASSISTANT, CHAT, TUTOR
from router.builtin.draft import Draft, Shift, Wordings, politely

SUM = Wordings(
    taught=("What is {}+{}?", "{}+{}=?", "Add {} and {}.", "What is the sum of {} and {}?", "{} plus {}"),
    shifted=("I had {} coins and found {} more. How many are in my purse?", "Increase {} by {} and report the total."),
)
LARGER = Wordings(
    taught=("Which is larger, {} or {}?", "Larger: {} or {}?", "Which number is bigger, {} or {}?"),
    shifted=("Between {} and {}, tell me the greater figure.", "Two prices, {} and {}: which costs more?"),
)
UNITS = Wordings(
    taught=("Convert {} {} to {}.", "What is {} {} in {}?", "{} {} in {}?"),
    shifted=("My recipe says {} {}, but I need it in {}.", "Rewrite {} {} using {} as the unit."),
)
STEPS = Wordings(
    taught=(
        "What comes {n} {unit} after {start}?",
        "Today it is {start}. What is it in {n} {unit}?",
        "{n} {unit} after {start}?",
    ),
    shifted=("The shop opened in the course of {start}; the party was {n} {unit} later. When was it?",),
)
FACTORS = (
    ("km", "m", 1000),
    ("m", "cm", 100),
    ("kg", "g", 1000),
    ("hours", "minutes", 60),
    ("minutes", "seconds", 60),
    ("days", "hours", 24),
    ("weeks", "days", 7),
    ("cm", "mm", 10),
    ("years", "months", 12),
)
UNTAUGHT_FACTORS = (("t", "kg", 1000), ("dm", "cm", 10), ("dozens", "pieces", 12), ("centuries", "years", 100))
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def add1(rng: Random, shift: Shift) -> Draft:
    """Draw a sum of two one-digit numbers."""
    return _sum(rng, shift, 0, 9)


def add2(rng: Random, shift: Shift) -> Draft:
    """Draw a sum of two two-digit numbers."""
    return _sum(rng, shift, 10, 99)


def add3(rng: Random, shift: Shift) -> Draft:
    """Draw a sum of two three-digit numbers."""
    return _sum(rng, shift, 100, 999)


def larger(rng: Random, shift: Shift) -> Draft:
    """Draw two different numbers; the right answer is the larger one. Shifted ones have four digits."""
    a, b = rng.sample(range(1000, 10_000) if shift.entities else range(10, 1000), 2)
    topic = "same length" if len(str(a)) == len(str(b)) else "other length"
    return Draft(TUTOR, LARGER.pick(rng, shift.wording).format(a, b), str(max(a, b)), topic)


def units(rng: Random, shift: Shift) -> Draft:
    """Draw a conversion to a smaller unit; the right answer is the number with its unit."""
    source, target, factor = rng.choice(UNTAUGHT_FACTORS if shift.entities else FACTORS)
    amount = rng.randint(2, 40)
    ask = politely(rng, UNITS.pick(rng, shift.wording).format(amount, source, target))
    return Draft(rng.choice((CHAT, ASSISTANT)), ask, f"{amount * factor} {target}", f"{source}>{target}")


def dates(rng: Random, shift: Shift) -> Draft:
    """Draw a day or month some steps after another; shifted steps are longer than any taught."""
    cycle, unit = rng.choice(((DAYS, "days"), (MONTHS, "months")))
    start, n = rng.randrange(len(cycle)), rng.randint(5, 9) if shift.entities else rng.randint(1, 4)
    wording = STEPS.pick(rng, shift.wording)
    ask = politely(rng, wording.format(n=n, unit=unit if n > 1 else unit[:-1], start=cycle[start]))
    return Draft(rng.choice((CHAT, ASSISTANT)), ask, cycle[(start + n) % len(cycle)], f"{unit}+{n}")


def _sum(rng: Random, shift: Shift, low: int, high: int) -> Draft:
    """Shifted entities are longer: the second number has one digit more."""
    a, b = rng.randint(low, high), rng.randint(low, high)
    b += rng.randint(1, 9) * (high + 1) if shift.entities else 0
    ask = SUM.pick(rng, shift.wording).format(a, b)
    ask = ask if high > 9 else politely(rng, ask)
    carries = sum(int(x) + int(y) > 9 for x, y in zip(reversed(str(a)), reversed(str(b)), strict=False))
    return Draft(rng.choice((CHAT, TUTOR)), ask, str(a + b), f"{carries} carries")
