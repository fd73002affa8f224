"""The card says what an artifact was trained on, licence by licence, and what else would have done as well."""

from typing import Any

from classifier.card import CONTROLS, model_card
from classifier.forms import Forms

TRAINING: dict[str, Any] = {
    "rows": 1200,
    "questions": 600,
    "digest": "0123456789abcdef",
    "pairs": {"sums: tiny -> big": 800, "words: tiny -> big": 400},
    "licences": {"sums": "MIT"},
    "models": {"fedcba9876543210": "tiny"},
    "small_quality": 0.5,
    "large_quality": 1.0,
    "settings": {"seed": 7},
    "versions": {"numpy": "2"},
    "feature_set": "abc",
}
AT = {
    "share_small": {"value": 0.4, "low": 0.3, "high": 0.5},
    "loss_interval": {"value": 0.02, "low": 0.01, "high": 0.03},
    "harm": 0.021,
    "cost_saved": 0.39,
}
METRICS: dict[str, Any] = {
    "n": 300,
    "questions": 150,
    "small_quality": 0.5,
    "big_quality": 1.0,
    "apgr": {"value": None, "low": None, "high": None},
    "auroc_small_bad": 0.8,
    "ece": 0.01,
    "method": {"cut": "as told", "intervals": "95 %", "cost": "tokens"},
    "at": {"0.02": AT},
    "controls": {name: {"at": {"0.02": AT}} for name in CONTROLS},
}


def test_every_source_stands_with_its_licence_or_that_none_is_stated() -> None:
    card = model_card("d1", TRAINING, {})
    assert "| sums | tiny -> big | 800 | MIT |" in card
    assert "| words | tiny -> big | 400 | not stated |" in card


def test_an_artifact_from_before_licences_were_kept_says_not_stated() -> None:
    before = {name: value for name, value in TRAINING.items() if name != "licences"}
    assert model_card("d1", before, {}).count("not stated") == 2


def test_without_held_out_rows_nothing_is_claimed() -> None:
    card = model_card("d1", TRAINING, {})
    assert "trained without `--test`" in card
    assert "cost saved" not in card


def test_every_control_stands_beside_the_classifier() -> None:
    card = model_card("d1", TRAINING, METRICS)
    assert [name for name in CONTROLS if f"| 0.02 | {name.replace('_', ' ')} |" not in card] == []
    assert "| 0.02 | this classifier | 0.4 (0.3 to 0.5) | 0.02 (0.01 to 0.03) | 0.021 | 0.39 |" in card


def test_a_gap_that_cannot_be_recovered_is_unknown_and_not_zero() -> None:
    assert "APGR unknown" in model_card("d1", TRAINING, METRICS)


def test_a_loss_that_is_a_share_of_the_big_models_grade_is_called_relative_and_explained() -> None:
    card = model_card("d1", TRAINING, METRICS)
    assert "| relative loss aimed at | ranked by | share small | relative loss | harm | cost saved |" in card
    assert "*relative loss* is mean(d) / mean(B)" in card


def test_harm_and_what_was_saved_stand_with_their_intervals_where_they_were_measured() -> None:
    known = AT | {name: {"value": 0.2, "low": 0.1, "high": 0.3} for name in ("harm_interval", "cost_saved_interval")}
    card = model_card("d1", TRAINING, METRICS | {"at": {"0.02": known}})
    assert (
        "| 0.02 | this classifier | 0.4 (0.3 to 0.5) | 0.02 (0.01 to 0.03) | 0.2 (0.1 to 0.3) | 0.2 (0.1 to 0.3) |"
        in card
    )


def test_the_forms_it_knows_are_named_with_what_is_expected_of_others() -> None:
    card = model_card("d", TRAINING, {}, Forms({"4 options": 1200, "0 options": 2}, 3, 0.25, 0.125))
    assert "Questions by their form: 4 options 1,200; 0 options 2." in card
    assert "fewer than 3 had" in card
    assert "better by 0.250, the mean over sources, and 0.125" in card
    assert "form" not in model_card("d", TRAINING, {}).partition("## Limits")[0]
