"""The card says whose answers were learned from, under which licence, and what was measured."""

from classifier.verifier_card import verifier_card

TRAINING = {
    "rows": 1200,
    "questions": 300,
    "digest": "abc",
    "panels": [{"source": "s", "members": ["a", "b"], "big": "c", "licence": "", "questions": 300}],
    "settings": {"seed": 7},
    "feature_set": "f",
    "features": 3,
}


def test_a_licence_that_no_row_states_is_said_to_be_missing() -> None:
    card = verifier_card("d1", TRAINING, {})
    assert "| s | a, b | c | 300 | not stated |" in card
    assert "Not measured." in card


def test_figures_stand_with_their_intervals() -> None:
    interval = {"value": 0.5, "low": 0.4, "high": 0.6}
    at = {"share_small": interval, "loss_interval": interval, "harm": 0.01, "local_calls": 2.5}
    assert "| a > b | 0.02 | 0.5 (0.4 to 0.6) |" in verifier_card("d1", TRAINING, {"a > b": {"0.02": at}})


def test_the_loss_of_a_panel_is_called_relative_and_harm_has_an_interval() -> None:
    interval = {"value": 0.5, "low": 0.4, "high": 0.6}
    at = {
        "share_small": interval,
        "loss_interval": interval,
        "harm": 0.5,
        "harm_interval": interval,
        "local_calls": 2.5,
    }
    card = verifier_card("d1", TRAINING, {"a > b": {"0.02": at}})
    assert "| panel | relative loss aimed at | share small | relative loss | harm | local calls |" in card
    assert "| 0.5 (0.4 to 0.6) | 0.5 (0.4 to 0.6) | 0.5 (0.4 to 0.6) | 2.5 |" in card
    assert "*relative loss* is mean(d) / mean(B)" in card
