"""How many requests a second a group of slots can take before its slowest twentieth takes too long.

A station of c slots is an M/G/c queue: the chance to wait is Erlang's C formula (Erlang 1917), the
time of those who wait is exponential with the mean of M/M/c times (1 + cs²)/2, cs² being the squared
coefficient of variation of service (Allen 1990, §5.2; Whitt 1993, "Approximations for the GI/G/m queue").
A request that asks several stations one after the other takes the sum of their times.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SEED = 20260101
SAMPLES = 4000
ROUNDS = 24
TARGET = 0.95
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Station:
    """`slots` that serve in `seconds` (the middles of equal parts of its answers); asked `asks` times a request."""

    slots: int
    seconds: tuple[float, ...]
    asks: float = 1.0

    @property
    def mean(self) -> float:
        """Mean seconds of an answer."""
        return float(np.mean(self.seconds))

    @property
    def variation(self) -> float:
        """The squared coefficient of variation."""
        return float(np.var(self.seconds)) / self.mean**2

    @property
    def limit(self) -> float:
        """Requests a second at which it is busy all the time."""
        return self.slots / (self.mean * self.asks)


def waits(slots: int, load: float) -> float:
    """Erlang's C: the chance that an arrival waits when `load` Erlangs come to `slots`; 1 when they cannot keep up."""
    if load >= slots:
        return 1.0
    blocked = 1.0
    for n in range(1, slots + 1):  # Erlang's B by its recursion, which does not overflow
        blocked = load * blocked / (n + load * blocked)
    return blocked / (1 - (load / slots) * (1 - blocked))


@dataclass(frozen=True, slots=True)
class TandemQueue:
    """Stations asked one after the other, and one set of draws, so that rates are compared on the same luck."""

    stations: tuple[Station, ...]

    def p95_s(self, rate: float) -> float:
        """Seconds within which 95 % of requests are answered at `rate` a second; infinite beyond what it can take."""
        if any(rate >= station.limit for station in self.stations):
            return float("inf")
        return float(np.quantile(self._times(rate), TARGET))

    def most(self, within_s: float) -> float:
        """The highest rate a second at which 95 % take at most `within_s`; 0 if even idle ones take longer."""
        if self.p95_s(0.0) > within_s:
            return 0.0
        low, high = 0.0, min(station.limit for station in self.stations)
        for _ in range(ROUNDS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.p95_s(middle) <= within_s else (low, middle)
        return low

    @property
    def tightest(self) -> int:
        """The place of the station that is busy first."""
        return min(range(len(self.stations)), key=lambda place: self.stations[place].limit)

    def _times(self, rate: float) -> Floats:
        random = np.random.default_rng(SEED)
        total = np.zeros(SAMPLES)
        for station in self.stations:
            service, waiting, asked, patience = random.random((4, SAMPLES))
            load = rate * station.asks * station.mean
            chance = waits(station.slots, load)
            spare = station.slots - load
            mean_wait = station.mean / spare * (1 + station.variation) / 2
            time = np.quantile(np.asarray(station.seconds), service)
            time = time + np.where(waiting < chance, -np.log1p(-patience) * mean_wait, 0.0)
            whole = np.floor(station.asks)
            total += time * (whole + (asked < station.asks - whole))
        return total


def carried(hours: Sequence[float], rate_an_hour: float) -> float:
    """The share of the requests of `hours` that came while no more than `rate_an_hour` did."""
    offered = sum(hours)
    return sum(min(hour, rate_an_hour) for hour in hours) / offered if offered else 0.0
