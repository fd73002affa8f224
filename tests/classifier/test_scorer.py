"""The arithmetic of a decision: one row or many, the numbers are the same, and they add up."""

import numpy as np
import pytest

from classifier.features import extract
from classifier.train import Trained

SUM = extract({"messages": [{"role": "user", "content": "Add 4 and 9 now"}]})
RIDDLE = extract({"messages": [{"role": "user", "content": "Riddle me 3: who walks on 3 legs?"}]})


def test_one_row_and_many_score_alike(trained: Trained) -> None:
    scorer = trained.classifier.scorer
    rows = np.stack([SUM, RIDDLE])
    assert scorer.rests(rows).tolist() == pytest.approx([scorer.rest(SUM), scorer.rest(RIDDLE)])
    assert scorer.rest(SUM.tobytes()) == scorer.rest(SUM)


def test_the_raw_score_is_the_task_mean_and_the_trees(trained: Trained) -> None:
    scorer = trained.classifier.scorer
    assert scorer.gain(SUM, (), "m") == pytest.approx(scorer.means.place((), "m").total + scorer.rest(SUM))


def test_p_good_falls_as_the_expected_gain_rises(trained: Trained) -> None:
    scorer = trained.classifier.scorer
    assert scorer.gain(RIDDLE, (), "m") > scorer.gain(SUM, (), "m")
    assert 0 < scorer.p_good(RIDDLE, (), "m") < scorer.p_good(SUM, (), "m") < 1


def test_the_features_shares_add_up_to_the_trees_part(trained: Trained) -> None:
    scorer = trained.classifier.scorer
    shares = scorer.contributions(RIDDLE)
    assert len(shares) == len(RIDDLE) + 1
    assert shares.sum() == pytest.approx(scorer.rest(RIDDLE), abs=1e-9)
