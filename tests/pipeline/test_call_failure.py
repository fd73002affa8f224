"""A failed call: whose words its error carries, and whether the retry budget pays for another."""

import pytest
from msgspec.structs import replace

from router.core.errors import UpstreamError, UpstreamFailed, UpstreamTimeout
from router.core.exchange import Reason
from router.core.retries import Retries
from router.core.stream import ChatTap
from router.core.upstream import UpstreamSpec
from router.pipeline.call_failure import in_band, wait_to_retry
from router.pipeline.planned_call import PlannedCall
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import opened_exchange
from tests.standins.acts import event

SPEC = UpstreamSpec("small", "openai", "m")
FIRST = PlannedCall(0, 0, "small", Reason.FIRST, held=False)
DOWN = UpstreamFailed("down", upstream="small", upstream_status=500)


@pytest.mark.parametrize(
    ("data", "code"), [('{"error": {"message": "no memory"}}', "in_band"), ("<html>", "invalid_answer")]
)
def test_an_error_inside_a_stream_is_named_in_our_words_and_keeps_theirs_in_its_body(data: str, code: str) -> None:
    tap = ChatTap(gather=False)
    tap.feed(event(data))
    error = in_band(SPEC, tap)
    assert (error.code, error.upstream_status) == (code, 200)
    assert "no memory" not in error.message
    assert (b"no memory" in error.body) == (code == "in_band")


async def budget_after(
    error: UpstreamError, planned: PlannedCall, scripted: Scripted, make_deps: MakeDeps, *, began: bool = False
) -> float:
    """What is left of three retries; the call is not to be made again at once, so nothing has been waited."""
    deps, exchange = make_deps(scripted(), scripted(), retries=Retries(3.0)), opened_exchange()
    await wait_to_retry(deps, exchange, planned, error, began=began)
    assert exchange.waited_us == 0
    return deps.retries.tokens


@pytest.mark.parametrize(
    "planned", [replace(FIRST, patient=False), replace(FIRST, reason=Reason.PANEL), replace(FIRST, reason=Reason.RETRY)]
)
async def test_what_somebody_else_may_answer_or_was_tried_again_is_not_waited_for(
    planned: PlannedCall, scripted: Scripted, make_deps: MakeDeps
) -> None:
    assert await budget_after(DOWN, planned, scripted, make_deps) == 3.0


async def test_an_answer_that_has_begun_and_a_timeout_are_not_waited_for(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    assert await budget_after(DOWN, FIRST, scripted, make_deps, began=True) == 3.0
    assert await budget_after(UpstreamTimeout("late", upstream="small"), FIRST, scripted, make_deps) == 3.0


async def test_a_call_that_was_never_read_is_made_again_as_a_debt(scripted: Scripted, make_deps: MakeDeps) -> None:
    unsent = UpstreamFailed("gone", upstream="small", code="disconnected")
    unsent.unsent = True
    assert await budget_after(unsent, FIRST, scripted, make_deps) == 2.0
