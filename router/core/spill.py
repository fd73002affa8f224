"""What is paid because the small model is unavailable: the dollars of the last hour, and one alert."""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
QUIET_US = 600 * SECOND_US  # after this long without spilled calls, the next one starts a new incident
TELLING_US = 60 * SECOND_US  # a rate over a shorter time says little


@dataclass(slots=True)
class Hour:
    """The last sixty minutes of one policy. Times are microseconds that never run backwards; dollars are exact.

    A call under way counts as the most that it can cost (`held`), so that many at once cannot overspend.
    """

    spent: deque[tuple[int, Decimal]] = field(default_factory=deque)
    held: dict[str, Decimal] = field(default_factory=dict)
    total: Decimal = Decimal(0)
    since: int = 0
    last: int = 0
    said: bool = False

    def hold(self, exchange: str, most: Decimal, budget: Decimal, now: int) -> float | None:
        """Hold `most` for a call and return None; if the budget does not allow it, the seconds until it may."""
        self._forget(now)
        if exchange in self.held:
            self.held[exchange] += most  # the plan goes on to one who costs as well
            return None
        over = self.total + sum(self.held.values()) + most - budget
        if over <= 0:
            if now - self.last > QUIET_US:
                self.since, self.said = now, False
            self.last = now
            self.held[exchange] = most
            return None
        return self._room_in_s(over, now)

    def settle(self, exchange: str, cost: Decimal | None, now: int) -> None:
        """Replace what was held by the cost; an unknown cost counts as what was held."""
        held = self.held.pop(exchange)
        paid = held if cost is None else cost
        self.total += paid
        self.spent.append((now, paid))
        self._forget(now)

    def paid(self, now: int) -> Decimal:
        """Dollars within the last sixty minutes."""
        self._forget(now)
        return self.total

    def rate(self, now: int) -> Decimal:
        """Dollars per hour since the incident began, over at least a minute and at most an hour."""
        over = min(HOUR_US, max(TELLING_US, now - self.since))
        return self.paid(now) * HOUR_US / over

    def to_be_said(self, now: int, *, spent: bool) -> bool:
        """Whether to send this incident's one alert now: it has lasted a minute, or the budget is spent."""
        if self.said or not (spent or now - self.since >= TELLING_US):
            return False
        self.said = True
        return True

    def _forget(self, now: int) -> None:
        while self.spent and now - self.spent[0][0] >= HOUR_US:
            self.total -= self.spent.popleft()[1]

    def _room_in_s(self, over: Decimal, now: int) -> float:
        for at, dollars in self.spent:
            over -= dollars
            if over <= 0:
                return max(1.0, (at + HOUR_US - now) / SECOND_US)
        return 5.0 if self.held else HOUR_US / SECOND_US  # what is under way will cost less than is held for it
