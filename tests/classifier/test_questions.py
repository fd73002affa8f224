"""Questions gather what every member of a panel said, whichever big model a row sets it against."""

from dataclasses import replace

import pytest

from classifier.digests import model_digest
from classifier.label import LabelError, Written
from classifier.label_row import parse
from classifier.questions import gather, gather_all, small_models, strengths
from tests.standins.graded_panel import MEMBERS, graded_labels, graded_rows


def test_answers_stand_in_the_order_named() -> None:
    question = gather(graded_labels(50), ("weak", "able"), None)[0]
    assert [answer.member for answer in question.answers] == ["weak", "able"]
    assert question.grades == tuple(label.small_quality for label in question.labels)


def test_a_member_may_come_from_another_pairs_row() -> None:
    rows = graded_labels(50)
    other = [replace(row, large_model="other", large_quality=0.5) for row in rows if row.small_model == "able"]
    found = gather([*rows, *other], MEMBERS, "other")
    assert len(found) == 50
    assert {question.big for question in found} == {0.5}


def test_several_big_models_must_be_picked_from() -> None:
    rows = graded_labels(10)
    with pytest.raises(LabelError, match="--big"):
        gather([*rows, replace(rows[0], large_model="other")], MEMBERS, None)


def test_a_model_that_no_row_has_is_named_with_those_there_are() -> None:
    with pytest.raises(LabelError, match=r"no row is of nobody; the files hold: able, fair, weak"):
        gather(graded_labels(10), ("able", "nobody"), None)


def test_a_model_that_its_rows_know_by_its_weights_is_found_by_its_name() -> None:
    rows = [replace(row, small_digest="of-weights") if row.small_model == "able" else row for row in graded_labels(10)]
    (question, *_) = gather(rows, ("able", "fair"), None)
    assert [answer.digest for answer in question.answers] == ["of-weights", model_digest("fair")]


def test_several_panels_are_gathered_one_after_another() -> None:
    assert len(gather_all(graded_labels(20), [("able", "fair"), ("fair", "weak")], None)) == 40


def test_the_strongest_is_known_by_its_grades() -> None:
    strength = strengths(gather(graded_labels(300), MEMBERS, None))
    assert sorted(strength.values()) == [strength[d] for d in sorted(strength, key=lambda d: strength[d])]
    assert len(strength) == 3
    assert sorted(small_models(graded_labels(5))) == sorted(MEMBERS)


def test_a_final_answer_named_apart_is_the_answer_and_a_missing_one_abstains() -> None:
    row = graded_rows(1)[0] | {"small_response": "I begin with 5 and", "small_chars": 4_000}
    named = gather([parse(row | {"small_final": "12"}, "here:1")], ("able",), None)[0].answers[0]
    missing = gather([parse(row, "here:1")], ("able",), None)[0].answers[0]
    assert (named.value, missing.value) == ("12", None)
    assert missing.chars == 4_000


def test_summed_up_log_probabilities_are_kept_and_clamped() -> None:
    label = replace(graded_labels(1)[0], answer=Written(text="7", mean_logprob=-0.25, min_logprob=-9999.0))
    sureness = gather([label], ("able",), None)[0].answers[0].sureness
    assert (sureness.mean, sureness.least) == (-0.25, -50.0)
