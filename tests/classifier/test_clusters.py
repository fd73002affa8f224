"""Errors of growing means are those of the textbook, by question."""

import numpy as np
import pytest

from classifier.clusters import errors


def test_each_error_is_that_of_its_own_mean() -> None:
    lost, nothing, ones = np.array([1.0, 0.0, 1.0, 0.0, 0.0]), np.zeros(5), np.ones(5)
    order = np.array([2, 0, 1, 4, 3])
    mean = np.r_[0.0, np.cumsum(lost[order])] / 5
    found = errors((nothing, ones), None, (order, lost[order]), mean)
    for count, error in enumerate(found):
        values = np.where(np.isin(np.arange(5), order[:count]), lost, 0.0)
        assert error == pytest.approx(values.std() / 5**0.5)


def test_rows_of_one_question_are_one() -> None:
    lost, groups = np.repeat([1.0, 0.0, 1.0, 0.0], 3), np.repeat(np.arange(4), 3)
    mean = np.r_[0.0, np.cumsum(lost)] / 12
    by_question = errors((np.zeros(12), np.ones(12)), groups, (np.arange(12), lost), mean)
    assert by_question[-1] == pytest.approx(np.array([1.0, 0.0, 1.0, 0.0]).std() / 2)


def test_weights_count_where_they_are() -> None:
    w = np.array([3.0, 1.0])
    found = errors((np.zeros(2), w), None, (np.arange(2), np.array([3.0, 0.0])), np.array([0.0, 0.75, 0.75]))
    assert found[-1] == pytest.approx((2 * 0.75**2) ** 0.5 / 4)
