"""What happens when a call fails: reads an error sent inside a stream, and decides whether to retry."""

import asyncio

import orjson

from router.core.errors import UpstreamError, UpstreamFailed
from router.core.exchange import Exchange, Reason
from router.core.redact import redacted
from router.core.reply import NOT_JSON
from router.core.stream import ChatTap
from router.core.upstream import UpstreamSpec
from router.pipeline.dependencies import Dependencies
from router.pipeline.planned_call import PlannedCall


def in_band(spec: UpstreamSpec, tap: ChatTap) -> UpstreamFailed:
    """The error that `tap` has read inside a stream. Its text goes only to a client whose stream had begun."""
    said = tap.error is not None and tap.error.get("code") != NOT_JSON  # else the event broke off, or is garbage
    what, code = ("an error", "in_band") if said else ("something that is not JSON", "invalid_answer")
    message = f"upstream {spec.name!r} sent {what} inside its stream"
    error = UpstreamFailed(message, upstream=spec.name, upstream_status=200, code=code)
    error.body = redacted(spec, orjson.dumps(tap.error or {}))
    return error


async def wait_to_retry(
    deps: Dependencies, exchange: Exchange, planned: PlannedCall, error: UpstreamError, *, began: bool
) -> None:
    """Wait, then mark `error` for a retry, if no later step would answer, no byte has come and the budget allows it.

    A call is always retried if it was never read, or if the refusal says what to leave out; the budget is charged
    afterwards.
    """
    if planned.reason is Reason.RETRY or planned.question is not None:
        return
    if getattr(error, "unsent", False) or getattr(error, "mendable", False):
        deps.retries.owe()
        return
    if not planned.patient or began or planned.reason in (Reason.PANEL, Reason.SAMPLE, Reason.HEDGE):
        return
    wait_s = deps.retries.wait_s(error, deps.random_bytes(1)[0] / 256)
    if wait_s is not None:
        await asyncio.sleep(wait_s)
        exchange.waited_us += round(wait_s * 1_000_000)
        error.again = True
