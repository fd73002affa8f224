"""Rows to forms: questions are counted, not rows; what is expected of others is what sources differ by."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from classifier import forms_train, means
from classifier.features import FEATURES
from classifier.forms_train import OPTIONS, TOOLS, Rows

ALONE: tuple[str, ...] = ()


def rows(paths: Sequence[tuple[str, ...]], sources: list[str] | None = None, gain: list[float] | None = None) -> Rows:
    """Rows of a question each, without options or tools."""
    n = len(paths)
    codes = means.number(paths, ["m"] * n)
    graded = np.array(gain or [0.0] * n), None
    return forms_train.rows_of(
        np.zeros((n, len(FEATURES)), np.float32), codes, np.arange(n), sources or ["s"] * n, graded
    )


def asked(options: list[float], tools: list[float], groups: list[int]) -> Rows:
    """Rows without a task, with so many options and tools, of the questions of those numbers."""
    n = len(options)
    xs = np.zeros((n, len(FEATURES)), np.float32)
    xs[:, OPTIONS], xs[:, TOOLS] = options, tools
    codes = means.number([ALONE] * n, ["m"] * n)
    return forms_train.rows_of(xs, codes, np.array(groups), ["s"] * n, (np.zeros(n), None))


def test_a_question_asked_of_many_models_is_one() -> None:
    made = asked([4, 4, 4, 4, 0, 0, 0], [0] * 7, [1, 1, 1, 2, 3, 4, 5])
    fitted = forms_train.fit(made, np.arange(7), 3, 10)
    assert fitted.forms().questions == {"0 options": 3, "4 options": 2}
    assert fitted.unseen(made, np.arange(7)).tolist() == [True] * 4 + [False] * 3


def test_rows_left_out_teach_no_form() -> None:
    made = asked([0] * 6, [0, 0, 0, 1, 1, 1], [0, 1, 2, 3, 4, 5])
    fitted = forms_train.fit(made, np.arange(3), 3, 10)
    assert fitted.unseen(made, np.arange(6)).tolist() == [False] * 3 + [True] * 3


def test_a_known_application_speaks_for_itself_and_another_does_not() -> None:
    made = rows([("app:a",)] * 4 + [("app:b",)] * 2)
    fitted = forms_train.fit(made, np.arange(5), 3, 4)
    assert fitted.unseen(made, np.arange(6)).tolist() == [False] * 4 + [True] * 2


def test_where_new_applications_are_usual_another_new_one_is_no_surprise() -> None:
    made = rows([("app:a",)] * 4 + [(f"app:{n}",) for n in range(4)])
    fitted = forms_train.fit(made, np.arange(7), 3, 4)
    assert fitted.forms().questions == {"0 options, another application": 3}
    assert not fitted.unseen(made, np.array([7])).any()


def test_many_questions_of_one_new_application_say_nothing_of_the_next() -> None:
    made = rows([("app:a",)] * 9 + [("app:b",)] * 5 + [("app:c",)])
    fitted = forms_train.fit(made, np.arange(14), 3, 9)
    assert fitted.forms().questions == {"0 options, another application": 1}
    assert fitted.unseen(made, np.array([14])).all()


def test_where_no_application_is_known_that_one_is_named_says_nothing() -> None:
    made = rows([ALONE] * 4 + [("app:a",)])
    assert not forms_train.fit(made, np.arange(4), 3, 10).unseen(made, np.array([4])).any()


def test_a_template_is_no_application() -> None:
    made = rows([("task:a",)] * 5)
    assert made.apps.tolist() == [-1] * 5


def test_what_is_expected_of_others_is_the_mean_of_sources_however_many_rows_each_has() -> None:
    gain = [0.0, 0.4, 0.4, 0.4, 0.8]
    fitted = forms_train.fit(rows([ALONE] * 5, ["a", "b", "b", "b", "c"], gain), np.arange(5), 3, 10)
    assert [fitted.mean, fitted.spread] == pytest.approx([0.4, 0.4])
    assert fitted.expected == pytest.approx(0.8)


def test_applications_stand_for_sources_where_there_is_one_source() -> None:
    made = rows([("app:a",)] * 2 + [("app:b",)] * 2 + [ALONE] * 2, gain=[0.0, 0.0, 0.2, 0.2, 0.4, 0.4])
    fitted = forms_train.fit(made, np.arange(6), 3, 2)
    assert [fitted.mean, fitted.spread] == pytest.approx([0.2, 0.2])


def test_where_there_is_one_kind_alone_rows_tell_how_much_others_may_differ() -> None:
    fitted = forms_train.fit(rows([ALONE] * 4, gain=[0.0, 0.0, 1.0, 1.0]), np.arange(4), 3, 10)
    assert (fitted.mean, fitted.spread) == (0.5, 0.5)


def test_rows_weigh_within_their_source() -> None:
    made = rows([ALONE] * 3, ["a", "a", "b"], [0.0, 1.0, 0.5])
    heavy = replace(made, weight=np.array([0.5, 1.5, 1.0]))
    assert forms_train.fit(heavy, np.arange(3), 3, 10).mean == pytest.approx((0.75 + 0.5) / 2)
