"""An observer that tells each upstream's pace how its attempts went."""

from collections.abc import Mapping

from router.core.exchange import Exchange
from router.core.pace import Pace


class Pacing:
    """Learns from closed exchanges, off the way of any request. `paces` by upstream; others are passed over."""

    def __init__(self, paces: Mapping[str, Pace]) -> None:
        self._paces = paces

    def observe(self, exchange: Exchange) -> None:
        """Note every finished attempt."""
        estimate = exchange.signals.get("prompt_tokens")
        for attempt in exchange.attempts:
            pace = self._paces.get(attempt.upstream)
            if pace is not None and attempt.ended_at is not None:
                pace.note(attempt, estimate if isinstance(estimate, int) else None)
