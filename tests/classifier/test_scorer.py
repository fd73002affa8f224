"""The arithmetic of a decision: one row or many, the numbers are the same, and they add up."""

import numpy as np
import pytest

from classifier.features import extract
from classifier.forms import UNSEEN
from classifier.train import Trained, train
from tests.classifier.test_train import QUICK, in_applications

SUM = extract({"messages": [{"role": "user", "content": "Add 4 and 9 now"}]})
RIDDLE = extract({"messages": [{"role": "user", "content": "Riddle me 3: who walks on 3 legs?"}]})
TOOLS = [{"type": "function", "function": {"name": "add", "parameters": {"properties": {"a": {}}}}}]
CALL = extract({"messages": [{"role": "user", "content": "Add 4 and 9 now"}], "tools": TOOLS})


def test_one_row_and_many_score_alike(trained: Trained) -> None:
    scorer = trained.classifier.scorer
    rows = np.stack([SUM, RIDDLE])
    assert scorer.rests(rows).tolist() == pytest.approx([scorer.rest(SUM), scorer.rest(RIDDLE)])
    assert scorer.rest(SUM.tobytes()) == scorer.rest(SUM)


def test_the_raw_score_is_the_task_mean_and_the_trees(trained: Trained) -> None:
    scorer = trained.classifier.scorer
    assert scorer.gain(SUM, (), "m") == pytest.approx(scorer.means.place((), "m").total + scorer.rest(SUM))
    assert scorer.gains(np.stack([SUM, CALL]), [(), ()], ["m", "m"]).tolist() == [
        scorer.gain(SUM, (), "m"),
        scorer.gain(CALL, (), "m"),
    ]


def test_p_good_falls_as_the_expected_gain_rises(trained: Trained) -> None:
    scorer = trained.classifier.scorer
    assert scorer.gain(RIDDLE, (), "m") > scorer.gain(SUM, (), "m")
    assert 0 < scorer.p_good(RIDDLE, (), "m") < scorer.p_good(SUM, (), "m") < 1


def test_the_features_shares_add_up_to_the_trees_part(trained: Trained) -> None:
    scorer = trained.classifier.scorer
    shares = scorer.contributions(RIDDLE)
    assert len(shares) == len(RIDDLE) + 1
    assert shares.sum() == pytest.approx(scorer.rest(RIDDLE), abs=1e-9)


def test_of_a_form_never_seen_neither_the_trees_nor_the_model_say_anything(trained: Trained) -> None:
    scorer = trained.classifier.scorer
    seen = scorer.see(CALL.tobytes(), ())
    assert (seen.unseen, seen.rest, scorer.place(seen, "m").level) == (True, 0.0, UNSEEN)
    (model,) = trained.classifier.manifest.training["models"]
    gains = {scorer.gain(CALL, path, digest) for path in ((), ("task:x",)) for digest in ("m", model)}
    told = trained.classifier.manifest.forms
    assert told is not None
    assert gains == {told.mean + told.spread}
    assert scorer.p_good(CALL, (), "m") < scorer.p_good(SUM, (), "m")


def test_a_known_application_is_taken_at_its_word_and_one_never_seen_is_not() -> None:
    rows = in_applications(200)
    made = train(rows, QUICK)
    scorer, paths = made.classifier.scorer, made.table.paths
    assert not scorer.see(CALL, paths[0]).unseen  # whatever its form
    assert scorer.see(SUM, ("app:never seen",)).unseen
    assert scorer.see(SUM, ()).unseen  # and so is a bare question, of which there was none


def test_where_training_named_no_application_one_that_is_named_says_nothing(trained: Trained) -> None:
    assert not trained.classifier.scorer.see(SUM, ("app:never seen",)).unseen
