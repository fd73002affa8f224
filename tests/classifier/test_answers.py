"""Answers are read with what is known of them, and what is not known stays unknown."""

from math import isnan, nan

import pytest

from classifier.answers import MAX_ANSWERS, Given, asked, read, sureness

SUM = {"messages": [{"role": "user", "content": "How many are 3 and 14?"}]}


def test_the_request_is_measured() -> None:
    ask = asked(SUM)
    assert (ask.kind, ask.chars, ask.numbers, ask.tools) == ("number", 22, 2, 0)


def test_log_probabilities_beyond_measure_are_clamped() -> None:
    found = sureness((-0.1, -9999.0, 0.0, -3.0))
    assert found.least == -50.0
    assert found.mean == pytest.approx(-53.1 / 4)
    assert found.unsure == 0.5


@pytest.mark.parametrize("given", [None, (), (nan, -0.1)])
def test_absent_log_probabilities_are_not_known(given: tuple[float, ...] | None) -> None:
    assert isnan(sureness(given).mean)


def test_more_answers_than_are_compared_are_left_out() -> None:
    given = [Given("m", "d", {"content": "17"})] * (MAX_ANSWERS + 5)
    assert len(read(SUM, given, asked(SUM))) == MAX_ANSWERS


def test_a_judges_word_against_the_form_counts_as_a_fault() -> None:
    answer = read(SUM, [Given("m", "d", {"content": "17"}, flags={"clean": 0.0})], asked(SUM))[0]
    assert answer.faults == 1.0
    assert not answer.clean
