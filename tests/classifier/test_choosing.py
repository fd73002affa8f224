"""A lettered choice is held against the options and against the text that picks it."""

from math import isnan

import pytest

from classifier.answers import Given, asked, read
from classifier.choosing import FEATURES, UNKNOWN, chosen, offered
from classifier.evidence import FEATURES as EVIDENCE
from classifier.evidence import candidates, rows
from classifier.wording import CHARS

SUMS = offered({"A": "$98.92", "B": "96.06", "C": "12", "D": "none of them"})
BIRDS = offered({"A": "a small brown wren", "B": "an owl", "C": "a heron"})


def told(value: str, text: str, numeric: bool = True) -> dict[str, float]:
    return dict(zip(FEATURES, chosen(value, text, SUMS if numeric else BIRDS), strict=True))


def test_a_number_that_was_worked_out_is_held_and_not_apart() -> None:
    worked = told("A", "3462.20 / 35 = 98.92. The answer is (A).")
    guessed = told("B", "3462.20 / 35 = 98.92. The answer is (B).")
    assert (worked["choice_held"], worked["choices_held_else"], worked["choice_apart"]) == (1, 0, 0)
    assert (guessed["choice_held"], guessed["choices_held_else"]) == (0, 1)
    assert guessed["choice_apart"] == pytest.approx(1 - 96.06 / 98.92)
    assert worked["choices_numeric"] == 0.75


def test_a_number_is_held_as_a_number_and_not_as_a_part_of_one() -> None:
    assert told("C", "It comes to 512. The answer is C.")["choice_held"] == 0
    assert told("C", "It comes to 12.0. The answer is C.")["choice_held"] == 1


def test_words_are_held_whatever_their_case_and_marks() -> None:
    seen = told("B", "At night it must be **An Owl**, not a heron. The answer is B.", numeric=False)
    assert (seen["choice_held"], seen["choices_held_else"]) == (1, 1)
    assert 0 < seen["choice_last"] < 1
    assert isnan(seen["choice_apart"])
    assert told("A", "The answer is A.", numeric=False)["choice_last"] == -1


def test_length_is_relative_to_the_options() -> None:
    long, short = told("A", "A", numeric=False), told("B", "B", numeric=False)
    assert long["choice_longer"] == 0
    assert short["choice_longer"] == 1
    assert short["choice_length"] < 1 < long["choice_length"]


def test_letters_count_once_and_only_before_the_answer() -> None:
    seen = told("B", "(A) is too small and (A) is brown; option C stands. The answer is (B).", numeric=False)
    assert seen["letters_discussed"] == 2


def test_nothing_beyond_the_beginning_counts() -> None:
    assert told("B", "x " * CHARS + "an owl", numeric=False)["choice_held"] == 0


@pytest.mark.parametrize("value", [None, "Z", "17"])
def test_what_is_no_option_is_not_known(value: str | None) -> None:
    assert chosen(value, "whatever", BIRDS) is UNKNOWN


@pytest.mark.parametrize("text", ["", "\n" * 9, "9" * 4_000, "\udc80 " * 50, "answer", "(" * 3_000])
def test_no_text_breaks_it(text: str) -> None:
    assert len(chosen("A", text, SUMS)) == len(FEATURES)


def test_evidence_has_it_of_a_choice_and_of_nothing_else() -> None:
    body = {"messages": [{"role": "user", "content": "Which hunts at night?\nA. A wren\nB. An owl\nC. A heron"}]}
    ask = asked(body)
    answers = read(body, [Given("m", "m", {"content": "An owl does. The answer is (B)."})], ask)
    table = rows(candidates(answers, {}), answers, ask, {})
    assert table[0, EVIDENCE.index("choice_held")] == 1
    body = {"messages": [{"role": "user", "content": "How many are 3 and 14?"}]}
    answers = read(body, [Given("m", "m", {"content": "17"})], asked(body))
    table = rows(candidates(answers, {}), answers, asked(body), {})
    assert all(isnan(table[0, EVIDENCE.index(name)]) for name in FEATURES)
