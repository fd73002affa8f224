"""Families about words: each answer follows from the ask and the vocabulary it was drawn from."""

from random import Random

import pytest

from router.builtin import language
from router.builtin.applications import QUIZ, REVIEWS, TRIAGE
from router.builtin.draft import Shift
from router.builtin.words import words

SEEDS = range(60)
SHIFTS = pytest.mark.parametrize("shift", [Shift(), Shift(wording=True, entities=True)], ids=["taught", "shifted"])


@SHIFTS
def test_a_capital_is_that_of_the_country_asked_for(shift: Shift) -> None:
    capitals = words(shift.entities).capitals
    for seed in SEEDS:
        draft = language.capital(Random(seed), shift)
        assert draft.topic in draft.ask
        assert draft.answer == capitals[draft.topic]


@SHIFTS
def test_a_negation_turns_a_review_around(shift: Shift) -> None:
    known, seen = words(shift.entities), set()
    for seed in SEEDS:
        draft = language.sentiment(Random(seed), shift)
        praised = any(word in draft.ask.lower() for word in known.praise)
        seen.add(draft.topic == "negated")
        assert draft.application is REVIEWS
        assert draft.answer == ("positive" if praised != (draft.topic == "negated") else "negative")
    assert seen == {False, True}


@SHIFTS
def test_a_name_is_the_speakers_and_is_in_the_ask(shift: Shift) -> None:
    for seed in SEEDS:
        draft = language.name(Random(seed), shift)
        assert str(draft.answer) in draft.ask
        assert draft.answer in words(shift.entities).names


def test_a_ticket_goes_to_the_desk_of_its_complaint() -> None:
    for seed in SEEDS:
        draft = language.ticket(Random(seed), Shift())
        assert draft.application is TRIAGE
        assert draft.topic in words(False).tickets[str(draft.answer)]


@SHIFTS
def test_the_odd_one_is_the_only_one_of_another_kind(shift: Shift) -> None:
    kinds = words(shift.entities).kinds
    for seed in SEEDS:
        draft = language.odd(Random(seed), shift)
        assert draft.answer not in kinds[draft.topic]
        assert sum(member in draft.ask for member in kinds[draft.topic]) >= 3


@SHIFTS
def test_the_right_letter_stands_before_the_only_option_of_the_kind(shift: Shift) -> None:
    kinds = words(shift.entities).kinds
    for seed in SEEDS:
        draft = language.choice(Random(seed), shift)
        options = dict(line.split(") ", 1) for line in draft.ask.splitlines()[-4:])
        assert draft.application is QUIZ
        assert [letter for letter, word in options.items() if word in kinds[draft.topic]] == [draft.answer]


@SHIFTS
def test_reversed_letters_read_backwards_are_in_the_ask(shift: Shift) -> None:
    for seed in SEEDS:
        draft = language.reverse(Random(seed), shift)
        assert str(draft.answer)[::-1] in draft.ask
        assert (len(str(draft.answer)) > 5) == shift.entities
