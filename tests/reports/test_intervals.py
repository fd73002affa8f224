"""Intervals hold what they say, and say so when they cannot."""

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier.bounds import exact
from router.reports.intervals import DIFFERENCE, FARTHER, SAVED, SHARE, Conversations, Totals, ratio
from router.reports.leaning import leaning


def mean(t: Totals) -> NDArray[np.float64]:
    return ratio(t["x"], t["one"])


def conversations(values: list[float]) -> Conversations:
    return Conversations([{"x": value, "one": 1} for value in values], ("x", "one"))


def test_the_same_rows_give_the_same_interval() -> None:
    values = [0.1, 0.9, 0.4, 0.7]
    assert conversations(values).estimate(mean) == conversations(values).estimate(mean)


def test_a_mean_gets_the_interval_of_the_textbook() -> None:
    values = np.random.default_rng(1).normal(5.0, 2.0, 400)
    estimate = conversations(list(values)).estimate(mean)
    half = 1.96 * values.std() / 20
    assert estimate.value == pytest.approx(values.mean())
    assert estimate.low == pytest.approx(values.mean() - half, abs=half / 5)
    assert estimate.high == pytest.approx(values.mean() + half, abs=half / 5)


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(2)
    covered = 0
    for _ in range(100):
        estimate = conversations(list(random.binomial(1, 0.3, 150).astype(float))).estimate(mean)
        covered += estimate.low is not None and estimate.high is not None and estimate.low <= 0.3 <= estimate.high
    assert 88 <= covered <= 100


def test_requests_of_one_conversation_count_as_one() -> None:
    random = np.random.default_rng(3)
    answers = random.binomial(1, 0.5, 40).astype(float)
    alone = conversations(list(np.repeat(answers, 10))).estimate(mean)
    together = Conversations([{"x": 10 * a, "one": 10} for a in answers], ("x", "one")).estimate(mean)
    assert alone.high is not None
    assert alone.low is not None
    assert together.high is not None
    assert together.low is not None
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_nothing_seen_in_n_conversations_is_not_proof_of_nothing() -> None:
    estimate = conversations([0.0] * 59).estimate(mean, within=SHARE)
    assert (estimate.value, estimate.low) == (0.0, 0.0)
    assert estimate.high == pytest.approx(1 - 0.025 ** (1 / 59))


def test_one_event_is_not_bounded_closer_than_none() -> None:
    none = conversations([0.0] * 59).estimate(mean, within=SHARE)
    one = conversations([0.0] * 58 + [1.0]).estimate(mean, within=SHARE)
    assert none.high is not None
    assert one.high is not None
    assert one.high >= none.high


def test_only_conversations_that_say_something_count() -> None:
    rows = [{"x": 0.0, "one": float(n < 4)} for n in range(50)]
    estimate = Conversations(rows, ("x", "one")).estimate(mean, within=SHARE, over="one")
    assert estimate.n == 4
    assert estimate.high == pytest.approx(1 - 0.025 ** (1 / 4))


def test_labels_of_unequal_chances_bound_as_little_as_they_are_worth() -> None:
    rows = [{"x": 0.0, "one": 20.0 if n == 0 else 1.0} for n in range(30)]
    estimate = Conversations(rows, ("x", "one")).estimate(mean, within=SHARE, over="one")
    assert estimate.n == 30
    assert estimate.high == pytest.approx(1 - 0.025 ** (429 / 49**2))


def test_a_difference_that_never_varies_is_uncertain_on_both_sides() -> None:
    estimate = conversations([0.0] * 10).estimate(mean, within=DIFFERENCE)
    assert estimate.side_of_zero == 0
    assert estimate.low == pytest.approx(-(1 - 0.025 ** (1 / 10)))


def test_no_conversation_gives_no_figure_and_one_gives_no_interval() -> None:
    assert conversations([]).estimate(mean).value is None
    alone = conversations([0.5]).estimate(mean)
    assert (alone.value, alone.low, alone.known) == (0.5, None, False)


def test_nothing_divided_by_nothing_is_no_figure() -> None:
    rows = [{"x": 0.0, "one": 0.0}] * 3
    assert Conversations(rows, ("x", "one")).estimate(mean).value is None


def test_two_that_saved_everything_prove_little() -> None:
    estimate = conversations([1.0, 1.0]).estimate(mean, within=SAVED)
    assert (estimate.value, estimate.high) == (1.0, 1.0)
    assert estimate.low == pytest.approx(0.025**0.5)


def test_a_ratio_is_not_at_its_end_for_sure_when_a_few_were_nearly_alike() -> None:
    estimate = conversations([0.99, 1.0]).estimate(mean, within=SAVED)
    assert estimate.low == pytest.approx(0.025**0.5)


def test_a_loss_that_never_varies_is_uncertain_by_a_share_of_itself() -> None:
    estimate = conversations([-2.5] * 20).estimate(mean, within=SAVED)
    assert estimate.low == pytest.approx(-2.5 - 2.5 * (1 - 0.025 ** (1 / 20)))


BEYOND = ({"x": 1.0, "one": 1.0}, {"one": 1.0})


@pytest.mark.parametrize("events", [1, 2, 4])
def test_a_few_events_have_about_the_exact_binomial_interval(events: int) -> None:
    seen = conversations([1.0] * events + [0.0] * (100 - events))
    estimate, drawn = (seen.estimate(mean, within=SHARE, over="one", beyond=beyond) for beyond in (BEYOND, None))
    assert estimate.high == pytest.approx(exact(events, 100), rel=0.1)
    assert drawn.high is not None
    assert drawn.high < 0.9 * exact(events, 100)


def test_many_events_have_the_bootstraps_interval() -> None:
    seen = conversations([1.0] * 300 + [0.0] * 700)
    estimate, drawn = (seen.estimate(mean, within=SHARE, over="one", beyond=beyond) for beyond in (BEYOND, None))
    assert estimate.high == pytest.approx(drawn.high, rel=0.02)
    assert estimate.low == pytest.approx(drawn.low, rel=0.02)


def test_one_more_weighs_as_much_as_those_of_its_own_stratum() -> None:
    rows = [{"x": 50.0 * (n < 2), "one": 50.0, "other": 0.0} for n in range(100)]
    rows += [{"x": 0.0, "one": 0.0, "other": 1.0} for _ in range(40)]
    seen = Conversations(rows, ("x", "one", "other"))
    alone, beside = (seen.estimate(mean, over=strata, beyond=BEYOND) for strata in ("one", ("one", "other")))
    assert alone.high == beside.high
    assert alone.high == pytest.approx(exact(2, 100), rel=0.1)


def test_a_sum_that_few_may_carry_allows_for_one_that_lies_farther_than_any_seen() -> None:
    values = np.random.default_rng(8).lognormal(0.0, 0.5, 30)
    seen = conversations(values.tolist())
    estimate, known, drawn = (seen.estimate(mean, leans=leans) for leans in (1e-9, 0.0, None))
    low, high = leaning(float(values.mean()), (values - values.mean()) / 30)
    assert estimate.high is not None
    assert estimate.low is not None
    assert drawn.high is not None
    far = float(values.mean() + FARTHER * (values.max() - values.mean()))
    assert max(high, drawn.high) < estimate.high < far
    assert known.high == pytest.approx(max(high, drawn.high))  # nothing is left that nobody saw
    assert estimate.low <= low


def test_where_every_conversation_cost_what_the_baseline_did_the_interval_is_nothing_but_zero() -> None:
    rows = [{"spent": 1_234_567 * i, "baseline": 1_234_567 * i} for i in range(1, 41)]
    seen = Conversations(rows, ("spent", "baseline"))
    saved = seen.estimate(lambda t: (t["baseline"] - t["spent"]) / 1e9, leans=0.0)
    share = seen.estimate(lambda t: 1 - ratio(t["spent"], t["baseline"]), leans=0.0)
    assert (saved.value, saved.low, saved.high) == (0.0, 0.0, 0.0)
    assert (share.value, share.low, share.high) == (0.0, 0.0, 0.0)
