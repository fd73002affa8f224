"""The second stage returns the best answer given so far, and says how sure it is only where it knows the level."""

from math import isnan
from typing import Any

import pytest

from classifier.verifier import FEATURES, Given, Verifier

SUM = {"messages": [{"role": "user", "content": "How many apples are 3 and 4 apples?"}]}
A, B, C = "a" * 16, "b" * 16, "c" * 16


def gave(digest: str, text: str, **more: Any) -> Given:
    return Given(digest, digest, {"role": "assistant", "content": text}, "stop", 5, **more)


def test_the_value_most_give_goes_out_in_its_strongest_supporters_text() -> None:
    answers = [gave(A, "It is 8."), gave(B, "So 7."), gave(C, "The answer is 7.0")]
    weighed = Verifier({C: 0.9, A: 0.8, B: 0.5}).weigh(SUM, answers, members=(A, B, C))
    assert (weighed.best, weighed.value) == (2, "7")
    assert (weighed.support, weighed.asked, weighed.distinct) == (2, 3, 2)


def test_a_tie_of_votes_goes_to_the_strongest() -> None:
    weighed = Verifier().weigh(SUM, [gave(A, "8"), gave(B, "7")], members=(A, B))
    assert (weighed.best, weighed.value) == (0, "8")


def test_of_equal_answers_one_in_good_form_is_sent() -> None:
    answers = [gave(A, "7", flags={"clean": 0.0}), gave(B, "7", flags={"clean": 1.0})]
    assert Verifier().weigh(SUM, answers, members=(A, B)).best == 1


def test_an_answer_cut_off_or_refused_speaks_for_nothing() -> None:
    cut = Given(A, A, {"content": "so 3 plus 4 is 9"}, "length")
    refused = gave(B, "I cannot answer 9", flags={"refused": 1.0})
    weighed = Verifier().weigh(SUM, [cut, refused, gave(C, "7")], members=(A, B, C))
    assert (weighed.best, weighed.value, weighed.support) == (2, "7", 1)


def test_where_all_abstain_there_is_no_value_and_no_support() -> None:
    weighed = Verifier().weigh(SUM, [gave(A, "I wonder"), gave(B, "who knows")], members=(A, B))
    assert (weighed.value, weighed.support, weighed.distinct) == (None, 0, 0)


def test_untrained_the_level_is_not_known() -> None:
    weighed = Verifier().weigh(SUM, [gave(A, "7"), gave(B, "7")], members=(A, B))
    assert weighed.p_kept is None
    assert weighed.hopeless is None
    assert isnan(weighed.gain)


def test_absent_log_probabilities_are_not_known_and_never_sure() -> None:
    column = FEATURES.index("logprob_mean")
    without = Verifier().weigh(SUM, [gave(A, "7")], members=(A,)).evidence
    clamped = Verifier().weigh(SUM, [gave(A, "7", logprobs=(-0.5, -9999.0))], members=(A,)).evidence
    empty = Verifier().weigh(SUM, [gave(A, "7", logprobs=())], members=(A,)).evidence
    assert isnan(without[column])
    assert isnan(empty[column])
    assert clamped[column] == pytest.approx(-25.25)


def test_samples_of_one_model_are_members_like_others() -> None:
    answers = [gave(A, "7"), gave(A, "8"), gave(A, "7")]
    weighed = Verifier().weigh(SUM, answers, members=(A, A, A))
    assert (weighed.value, weighed.support) == ("7", 2)


def test_without_an_answer_there_is_nothing_to_weigh() -> None:
    with pytest.raises(ValueError, match="ask a member first"):
        Verifier().weigh(SUM, [], members=(A,))
