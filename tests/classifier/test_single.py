"""One row the quick way is one row the slow way."""

import gc
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from classifier.single import SingleRow, single_row


@pytest.fixture(scope="module")
def trees() -> lgb.Booster:
    """A tiny booster of five columns."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(400, 5)).astype(np.float32)
    y = x[:, 0] * x[:, 1] + np.sin(x[:, 2])
    options = {"objective": "regression", "num_leaves": 7, "min_data_in_leaf": 5, "num_threads": 1, "verbose": -1}
    text = lgb.train(options, lgb.Dataset(x, y), num_boost_round=20).model_to_string()
    return lgb.Booster(model_str=text)


def test_the_quick_score_is_the_boosters_own_to_the_ninth_digit(trees: lgb.Booster) -> None:
    quick, rng = SingleRow(trees), np.random.default_rng(8)
    rows = (rng.normal(size=(200, 5)) * 3).astype(np.float32)
    rows[5, 2] = np.nan
    slow = trees.predict(rows, raw_score=True, num_threads=1)
    assert [quick(row) for row in rows] == pytest.approx(slow, rel=0, abs=1e-9)


def test_a_row_that_is_a_column_of_a_table_is_read_as_it_stands(trees: lgb.Booster) -> None:
    table = np.arange(20, dtype=np.float32).reshape(5, 4) / np.float32(10)
    column = table[:, 1]
    assert not column.flags.c_contiguous
    assert SingleRow(trees)(column) == SingleRow(trees)(column.copy())


@pytest.mark.parametrize("row", [np.zeros(4, np.float32), np.zeros((1, 5), np.float32), np.zeros(5, np.float64)])
def test_a_row_of_another_length_or_kind_is_refused_before_c_reads_it(trees: lgb.Booster, row: Any) -> None:
    with pytest.raises(ValueError, match="a row is 5 numbers of float32"):
        SingleRow(trees)(row)


def test_each_of_several_threads_gets_the_score_of_its_own_row(trees: lgb.Booster) -> None:
    quick, rng, wrong = SingleRow(trees), np.random.default_rng(9), list[float]()
    rows = (rng.normal(size=(4, 5)) * 3).astype(np.float32)

    def ask(row: bytes, own: float) -> None:
        wrong.extend(score for score in (quick(row) for _ in range(20_000)) if score != own)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(ask, [row.tobytes() for row in rows], [quick(row) for row in rows]))
    finally:
        sys.setswitchinterval(before)
    assert wrong == []


def test_the_handle_goes_with_its_owner(trees: lgb.Booster) -> None:
    quick = SingleRow(trees)
    gone = weakref.ref(quick)
    del quick
    gc.collect()
    assert gone() is None


def test_trees_that_the_c_function_cannot_take_are_asked_the_slow_way() -> None:
    class Forest:
        """Trees of another making: no handle to give to C."""

        def num_feature(self) -> int:
            return 5

        def predict(self, rows: Any, **how: object) -> Any:
            return rows.sum(axis=1)

    forest: Any = Forest()
    score = single_row(forest)
    assert score(np.ones(5, np.float32)) == 5.0


def test_the_bytes_of_a_row_are_as_good_as_the_row(trees: lgb.Booster) -> None:
    quick, row = SingleRow(trees), np.arange(5, dtype=np.float32)
    assert quick(row.tobytes()) == quick(row)
    with pytest.raises(ValueError, match="a row is 5 numbers of float32, not 16 bytes"):
        quick(row[:4].tobytes())
