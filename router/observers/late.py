"""An observer that writes a label if a judge objects to an answer that has already gone out."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from router.core.exchange import ESCALATE, TOO_LATE, Exchange, Verdict
from router.core.ports import Table

logger = logging.getLogger("smallfirst")

Put = Callable[[Table, Mapping[str, Any]], None]


class Late:
    """Puts a row into `labels` for each answer whose prefix was accepted and whose whole failed. Writes in a thread."""

    def __init__(self, put: Put) -> None:
        self._put = put

    def observe(self, exchange: Exchange) -> None:
        """Write a label if the exchange has such a verdict. Only streams can: other answers go out whole."""
        if not exchange.stream:
            return
        found = next((verdict for verdict in exchange.verdicts if _objects_late(verdict)), None)
        if found is not None:
            loop = asyncio.get_running_loop()
            loop.run_in_executor(None, self._put, "labels", label_of(exchange, found)).add_done_callback(_log_failure)


def label_of(exchange: Exchange, verdict: Verdict) -> dict[str, Any]:
    """The label for a served answer that a judge objected to: its quality is 0 (NUMBERS, Population).

    The baseline's quality is not known. Such labels never certify, and training does not use them for now, because they
    say nothing about answers that did not fail (decision 9).
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


def _log_failure(writing: "asyncio.Future[None]") -> None:
    if not writing.cancelled() and (error := writing.exception()) is not None:
        logger.error("a label could not be written", exc_info=error)
