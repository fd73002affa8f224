"""An observer that updates each upstream's pace from its attempts."""

from collections.abc import Mapping

from router.core.exchange import Exchange
from router.core.pace import Pace


class Pacing:
    """Learns from closed exchanges, off the path of any request. Upstreams without an entry in `paces` are ignored."""

    def __init__(self, paces: Mapping[str, Pace]) -> None:
        self._paces = paces

    def observe(self, exchange: Exchange) -> None:
        """Note every finished attempt of `exchange`."""
        estimate = exchange.signals.get("prompt_tokens")
        for attempt in exchange.attempts:
            pace = self._paces.get(attempt.upstream)
            if pace is not None and attempt.ended_at is not None:
                pace.note(attempt, estimate if isinstance(estimate, int) else None)
