"""Families about numbers: the answer is right by arithmetic done once more, from the words of the ask."""

import re
from collections.abc import Callable
from random import Random

import pytest

from router.builtin import figures
from router.builtin.draft import Draft, Shift

Family = Callable[[Random, Shift], Draft]
SEEDS = range(60)
SHIFTS = pytest.mark.parametrize("shift", [Shift(), Shift(wording=True, entities=True)], ids=["taught", "shifted"])


def numbers(draft: Draft) -> list[int]:
    return [int(found) for found in re.findall(r"\d+", draft.ask)]


@SHIFTS
@pytest.mark.parametrize("family", [figures.add1, figures.add2, figures.add3])
def test_a_sum_is_the_sum_of_its_two_numbers(family: Family, shift: Shift) -> None:
    for seed in SEEDS:
        draft = family(Random(seed), shift)
        assert draft.answer == str(sum(numbers(draft)))


@SHIFTS
def test_the_larger_of_two_different_numbers_is_the_answer(shift: Shift) -> None:
    for seed in SEEDS:
        draft = figures.larger(Random(seed), shift)
        a, b = numbers(draft)
        assert a != b
        assert draft.answer == str(max(a, b))


@SHIFTS
def test_a_conversion_names_its_unit_and_multiplies(shift: Shift) -> None:
    factors = {f"{a}>{b}": factor for a, b, factor in (*figures.FACTORS, *figures.UNTAUGHT_FACTORS)}
    for seed in SEEDS:
        draft = figures.units(Random(seed), shift)
        (amount,) = numbers(draft)
        assert draft.answer == f"{amount * factors[draft.topic]} {draft.topic.partition('>')[2]}"


def test_steps_go_round_the_week_and_the_year() -> None:
    for seed in SEEDS:
        draft = figures.dates(Random(seed), Shift())
        cycle = figures.DAYS if draft.topic.startswith("days") else figures.MONTHS
        start = next(name for name in cycle if name in draft.ask)
        assert draft.answer == cycle[(cycle.index(start) + int(draft.topic.partition("+")[2])) % len(cycle)]


def test_shifted_numbers_are_longer_than_any_taught() -> None:
    longest = max(len(str(n)) for seed in SEEDS for n in numbers(figures.add2(Random(seed), Shift())))
    shifted = [max(len(str(n)) for n in numbers(figures.add2(Random(seed), Shift(entities=True)))) for seed in SEEDS]
    assert min(shifted) > longest
