"""Several fits merged into one say their mean, exactly, in a text that LightGBM reads."""

import lightgbm as lgb
import numpy as np
import pytest

from classifier.averaged import averaged
from classifier.single import single_row

DRAW = np.random.default_rng(5)
XS = DRAW.normal(size=(400, 4)).astype(np.float32)
Y = XS[:, 0] + DRAW.normal(size=400)


def fitted(seed: int) -> lgb.Booster:
    given = {"num_leaves": 4, "seed": seed, "bagging_fraction": 0.7, "bagging_freq": 1, "verbosity": -1}
    return lgb.train(given, lgb.Dataset(XS, Y, feature_name=list("abcd"), params=given), num_boost_round=12)


FITS = [fitted(seed) for seed in (1, 2, 3)]


def test_merged_trees_say_a_share_of_the_mean() -> None:
    mean = np.mean([np.asarray(one.predict(XS)) for one in FITS], axis=0)
    assert np.asarray(averaged(FITS, 0.5).predict(XS)) == pytest.approx(0.5 * mean, abs=1e-12)


def test_contributions_of_merged_trees_add_up() -> None:
    merged = averaged(FITS, 1.0)
    shares = np.asarray(merged.predict(XS, pred_contrib=True)).sum(axis=1)
    assert shares == pytest.approx(np.asarray(merged.predict(XS)), abs=1e-6)


def test_merged_trees_read_back_and_score_one_row() -> None:
    merged = averaged(FITS, 1.0)
    read = lgb.Booster(model_str=merged.model_to_string())
    assert (read.num_trees(), read.feature_name()) == (36, list("abcd"))
    assert single_row(read)(XS[0]) == pytest.approx(float(np.asarray(merged.predict(XS[:1]))[0]), abs=1e-12)
    assert averaged(FITS, 1.0).model_to_string() == merged.model_to_string()
