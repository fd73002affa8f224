"""Why an exchange moved on: the judge, the failure or the open breaker, each in its own column."""

from policies.policy import Plan, Step
from router.core.exchange import ACCEPT, ESCALATE, Reason, Verdict
from router.core.moves import Ask
from router.pipeline.breakers import OPEN, Breakers
from router.pipeline.moving_on import note_move, skip_if_open
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import opened_exchange
from tests.pipeline.test_breakers import shut
from tests.store.records import ended

PLAN = Plan((Step("small"), Step("big")))
FIRST = Ask(0, 0, Reason.FIRST, held=False)


def test_an_escalation_is_named_for_the_last_judge() -> None:
    exchange = opened_exchange(verdicts=[Verdict("structure", ACCEPT, "fits"), Verdict("refusal", ESCALATE, "sorry")])
    note_move(exchange, Reason.ESCALATION)
    assert (exchange.escalated, exchange.fallback) == ("refusal", None)


def test_a_fallback_is_named_for_the_last_failure_that_was_no_hanging_up() -> None:
    attempts = [ended("0198-x", error="429"), ended("0198-x", error="cancelled")]
    exchange = opened_exchange(attempts=attempts)
    note_move(exchange, Reason.FALLBACK)
    assert (exchange.escalated, exchange.fallback) == (None, "429")


def test_a_first_step_moved_on_from_nothing() -> None:
    exchange = opened_exchange(attempts=[ended("0198-x", error="429")])
    note_move(exchange, Reason.FIRST)
    assert (exchange.escalated, exchange.fallback) == (None, None)


async def test_a_member_behind_an_open_breaker_fails_and_the_ledger_says_why(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    deps, exchange = make_deps(scripted(), scripted()), opened_exchange(rule="easy")
    shut(deps.breakers, now=deps.clock_us())
    error = skip_if_open(deps, exchange, PLAN, FIRST, answered=False)
    assert error is not None
    assert (error.code, error.upstream) == (OPEN, "small")
    assert (exchange.fallback, exchange.skipped) == (OPEN, f"small: {OPEN}")
    assert exchange.reasons[-1]["outcome"] == "passed over"


async def test_it_is_asked_where_nobody_else_can_serve_and_no_doubtful_answer_is_kept(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    deps, alone = make_deps(scripted(), scripted(), breakers=shut(Breakers(), now=2**60)), Plan((Step("small"),))
    assert skip_if_open(deps, opened_exchange(), alone, FIRST, answered=False) is None
    assert skip_if_open(deps, opened_exchange(), alone, FIRST, answered=True) is not None


async def test_a_retry_of_it_is_never_passed_over(scripted: Scripted, make_deps: MakeDeps) -> None:
    deps = make_deps(scripted(), scripted())
    shut(deps.breakers, now=deps.clock_us())
    again = Ask(1, 0, Reason.RETRY, held=False, retries=0)
    assert skip_if_open(deps, opened_exchange(), PLAN, again, answered=False) is None
