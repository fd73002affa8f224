"""What counts as paid in the place of a small one, and what one alert says."""

import logging

import pytest

from policies.policy import Plan, Step
from router.core.exchange import Outcome
from router.pipeline.dependencies import Dependencies
from router.pipeline.spilling import leading_local
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import opened_exchange

POLICY = "policy: balanced\notherwise: {plan: [small, big]}\nspill: {usd_per_hour: 1, then: refuse}\n"
PLAN = Plan((Step("small"), Step("big")))


@pytest.fixture
def deps(make_deps: MakeDeps, scripted: Scripted) -> Dependencies:
    return make_deps(scripted(), scripted(), POLICY)


@pytest.mark.parametrize(
    ("word", "counts"),
    [
        ("unreachable", True), ("upstream_failed", True), ("loading", True), ("full", True), ("breaker_open", True),
        ("429", True), ("timeout_first_token", True), ("in_band", True),
        ("context_overflow", False), ("truncated", False), ("unsupported_parameter", False), ("409", False),
    ],
)  # fmt: skip
def test_only_what_could_not_be_had_counts(deps: Dependencies, word: str, counts: bool) -> None:
    exchange = opened_exchange(policy="balanced", fallback=word, signals={"prompt_tokens": 1_000_000})
    refusal = deps.spills.refusal(deps, exchange, PLAN, 1, "big")
    assert (refusal is not None) == counts
    assert bool(exchange.reasons) == counts


def test_a_verdict_before_it_counts_nothing(deps: Dependencies) -> None:
    exchange = opened_exchange(policy="balanced", fallback="upstream_failed", escalated="structure")
    assert deps.spills.refusal(deps, exchange, PLAN, 1, "big") is None
    assert exchange.reasons == ()


def test_a_plan_that_begins_with_the_big_one_spills_nothing(deps: Dependencies) -> None:
    exchange = opened_exchange(policy="balanced", fallback="upstream_failed")
    assert deps.spills.refusal(deps, exchange, Plan((Step("big"), Step("big"))), 1, "big") is None
    assert (exchange.reasons, leading_local(deps, Plan((Step("big"), Step("small"))))) == ((), ())


def test_the_alert_comes_once_a_trouble_however_many_are_refused(
    deps: Dependencies, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="smallfirst"):
        for number in range(5):
            exchange = opened_exchange(
                id=str(number), policy="balanced", fallback="unreachable", signals={"prompt_tokens": 1_000_000}
            )
            assert deps.spills.refusal(deps, exchange, PLAN, 1, "big") is not None
    (said,) = caplog.messages
    assert said == (
        "'small' is unavailable (unreachable): paying others in its place costs 0.00 USD an hour "
        "(policy balanced: spent, then refuse)"
    )


def test_an_exchange_that_did_not_spill_is_nothing_to_the_observer(deps: Dependencies) -> None:
    deps.spills.observe(opened_exchange(outcome=Outcome.ANSWERED, ended_at=1))
    assert deps.spills.paid(["balanced"], 1) == {"balanced": 0.0}


def test_as_many_answers_as_are_asked_for_are_reckoned_with(deps: Dependencies) -> None:
    signals = {"prompt_tokens": 10, "max_tokens": 1000}
    for n, refused in ((1, False), (1000, True)):
        exchange = opened_exchange(id=str(n), policy="balanced", fallback="unreachable", signals={**signals, "n": n})
        assert (deps.spills.refusal(deps, exchange, PLAN, 1, "big") is not None) == refused
