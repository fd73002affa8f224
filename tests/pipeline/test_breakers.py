"""Who is passed over: only those with trouble are kept, and policies are told at once."""

from policies.policy import Plan, Step
from router.core.breaker import Limits, State
from router.core.errors import UpstreamFailed, UpstreamRefused
from router.core.exchange import Outcome
from router.core.signals import SignalValue
from router.core.upstream import UpstreamSpec
from router.pipeline.breakers import Breakers
from router.pipeline.dependencies import Dependencies
from router.pipeline.serving import Serving
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import PASS_ON, SORRY, Client, chat, opened_exchange

SECOND = 1_000_000
SMALL = UpstreamSpec("small", "openai", "m", breaker=Limits(failures=2))
DOWN = UpstreamFailed("down", upstream="small", code="unreachable")
PASSED = Plan((Step("small"), Step("big")))
JUDGED = Plan((Step("small", ("structure", "refusal")), Step("big")))


def shut(breakers: Breakers, spec: UpstreamSpec = SMALL, now: int = 0) -> Breakers:
    for _ in range(spec.breaker.failures):
        breakers.failed(spec, UpstreamFailed("down", upstream=spec.name, code="unreachable"), now)
    return breakers


async def served(deps: Dependencies, plan: Plan = PASSED, stream: bool = False) -> Serving:
    serving = Serving(deps, opened_exchange(baseline="big", stream=stream), chat(stream=stream), Client())
    await serving.run(plan)
    return serving


def test_one_that_has_never_failed_is_asked_and_nothing_is_kept_of_it() -> None:
    breakers = Breakers()
    assert breakers.allows("small", 0)
    breakers.answered("small", 0)
    assert breakers.status("small", 0).state is State.CLOSED


def test_policies_read_at_once_that_it_is_not_ready_and_that_it_is_again() -> None:
    facts: dict[str, SignalValue] = {"small.ready": True}
    breakers = shut(Breakers(facts))
    assert facts["small.ready"] is False
    assert breakers.allows("small", 10 * SECOND)
    breakers.answered("small", 10 * SECOND)
    assert facts["small.ready"] is True


def test_it_tells_state_reason_and_the_seconds_left() -> None:
    breakers = shut(Breakers())
    told = breakers.status("small", 4 * SECOND)
    assert (told.state, told.left_s) == (State.OPEN, 6.0)
    assert "2 failures in a row" in told.why
    assert breakers.opened == {"small": 1}
    assert breakers.status("small", 10 * SECOND).state is State.HALF_OPEN


def test_one_that_is_switched_off_is_never_told_as_half_open() -> None:
    breakers, spec = Breakers(), UpstreamSpec("small", "openai", "m", breaker=Limits(failures=0))
    wait = UpstreamRefused("slow down", upstream="small", upstream_status=429, headers={"retry-after": "7"})
    breakers.failed(spec, wait, 0)
    assert [breakers.status("small", at * SECOND).state for at in (6, 7)] == [State.OPEN, State.CLOSED]
    assert breakers.allows("small", 7 * SECOND)
    breakers.failed(spec, DOWN, 7 * SECOND)
    assert breakers.status("small", 7 * SECOND).state is State.CLOSED


def test_a_changed_row_begins_anew() -> None:
    breakers = shut(Breakers())
    breakers.keep(["big"])
    assert breakers.allows("small", 0)


def test_somebody_else_is_a_later_member_or_a_later_step_that_is_not_shut_itself() -> None:
    breakers = shut(Breakers())
    panel = Step("small", panel=("small", "second"))
    assert breakers.others_may_answer(panel, 0, (), 0)
    assert not breakers.others_may_answer(panel, 1, (), 0)
    assert breakers.others_may_answer(panel, 1, (Step("big"),), 0)
    assert not breakers.others_may_answer(panel, 1, (Step("small"),), 0)


async def test_a_step_behind_an_open_breaker_is_passed_over_with_the_reason(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    small, big = scripted(), scripted()
    deps = make_deps(small, big, PASS_ON)
    shut(deps.breakers, deps.upstreams["small"].spec, deps.clock_us())
    exchange = (await served(deps)).exchange
    assert (exchange.upstream, exchange.fallback, exchange.skipped) == ("big", "breaker_open", "small: breaker_open")
    assert [str(attempt.reason) for attempt in exchange.attempts] == ["fallback"]
    assert exchange.reasons[-1]["outcome"] == "passed over"
    assert small.requests == []


async def test_the_only_one_left_is_asked_whatever_its_breaker_says(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, big = scripted(), scripted()
    deps = make_deps(small, big, PASS_ON)
    for upstream in deps.upstreams.values():
        shut(deps.breakers, upstream.spec, deps.clock_us())
    exchange = (await served(deps, Plan((Step("big"),)))).exchange
    assert (exchange.outcome, exchange.upstream, exchange.skipped) == (Outcome.ANSWERED, "big", "")


async def test_a_doubtful_answer_is_served_and_called_degraded_when_the_next_step_is_passed_over(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    small, big = scripted(), scripted()
    small.says(SORRY)
    deps = make_deps(small, big)
    shut(deps.breakers, deps.upstreams["big"].spec, deps.clock_us())
    exchange = (await served(deps, JUDGED)).exchange
    assert (exchange.upstream, exchange.degraded, exchange.fallback) == ("small", True, "breaker_open")
    assert big.requests == []


async def test_half_open_one_call_finds_out_and_its_first_token_closes_it(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    small, big = scripted(), scripted()
    deps = make_deps(small, big, PASS_ON)
    long_ago = deps.clock_us() - 11 * SECOND
    shut(deps.breakers, deps.upstreams["small"].spec, long_ago)
    assert (await served(deps, stream=True)).exchange.upstream == "small"
    assert deps.breakers.status("small", deps.clock_us()).state is State.CLOSED
