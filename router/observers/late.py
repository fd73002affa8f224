"""An observer that makes a label of an objection that came too late to act: the answer was not worth serving."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from router.core.exchange import ESCALATE, TOO_LATE, Exchange, Verdict
from router.core.ports import Table

logger = logging.getLogger("smallfirst")

Put = Callable[[Table, Mapping[str, Any]], None]


class Late:
    """Puts a row into `labels` for each answer that went out on its beginning and failed as a whole, in a thread."""

    def __init__(self, put: Put) -> None:
        self._put = put

    def observe(self, exchange: Exchange) -> None:
        """Note a stream with such a verdict; no other answer goes out before it is whole."""
        if not exchange.stream:
            return
        found = next((verdict for verdict in exchange.verdicts if _objects_late(verdict)), None)
        if found is not None:
            loop = asyncio.get_running_loop()
            loop.run_in_executor(None, self._put, "labels", label_of(exchange, found)).add_done_callback(_tell)


def label_of(exchange: Exchange, verdict: Verdict) -> dict[str, Any]:
    """What a judge's objection says of an answer that was served: nothing of it counts (NUMBERS, Population).

    How good the baseline's would have been nobody knows. A judge of form never certifies, and is not learned from for
    now: it says nothing of answers that did not fail (decision 9).
    """
    return {
        "id": f"late-{exchange.id}",
        "exchange": exchange.id,
        "who": "structure",
        "judge": verdict.judge,
        "label_kind": "exact",
        "small_quality": 0.0,
        "use": "train",
        "comment": verdict.reason,
    }


def _objects_late(verdict: Verdict) -> bool:
    return verdict.action == ESCALATE and verdict.reason.startswith(TOO_LATE)


def _tell(writing: "asyncio.Future[None]") -> None:
    if not writing.cancelled() and (error := writing.exception()) is not None:
        logger.error("a label could not be written", exc_info=error)
