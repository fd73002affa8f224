"""What an artifact tells of its making: licences by source, who graded, and what weighted rows are worth."""

from dataclasses import replace

import numpy as np
import pytest

from classifier.account import account
from classifier.features import FEATURES
from classifier.label import Known
from tests.classifier.test_train import labels


def test_rows_models_and_licences_are_counted_by_source() -> None:
    rows = [replace(row, licence="MIT" if i % 2 else "") for i, row in enumerate(labels(6))]
    told = account(rows, 6, {"trees": 8}, None)
    assert (told["rows"], told["questions"], told["settings"]) == (6, 6, {"trees": 8})
    assert told["licences"] == {"s": "not stated; MIT"}
    assert told["pairs"] == {"s: tiny -> big": 6}
    assert "graded_by" not in told


def test_who_graded_is_told_and_what_unequal_weights_are_worth() -> None:
    known = Known(np.zeros(len(FEATURES), np.float32), (), "person")
    rows = [replace(row, known=known) for row in labels(4)]
    told = account(rows, 4, {}, np.array([2.0, 2.0, 0.0, 0.0]))
    assert told["graded_by"] == {"person": 4}
    assert told["worth_rows"] == pytest.approx(2.0)


def test_the_digest_is_of_the_rows_in_any_order() -> None:
    rows = labels(5)
    assert account(rows, 5, {}, None)["digest"] == account(rows[::-1], 5, {}, None)["digest"]
    assert account(rows, 5, {}, None)["digest"] != account(rows[1:], 4, {}, None)["digest"]
