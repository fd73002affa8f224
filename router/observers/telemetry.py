"""Metrics for Prometheus: counts and times. There are few labels, so that a scrape stays small."""

import threading
import time
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from router.core.exchange import Attempt, Exchange

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
AT_MOST = (*map(str, SECONDS), "+Inf")
GATHERED = 32  # exchanges counted at once: all but the first cost a third, as code and counters are in the CPU's caches
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Telemetry:
    """An observer that keeps metrics in its own registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._counted(
            "smallfirst_requests", "Requests by outcome and who answered.", "outcome", "upstream"
        )
        self._attempts = self._counted(
            "smallfirst_attempts", "Upstream calls by upstream, reason and error.", "upstream", "reason", "error"
        )
        self._cost = self._counted("smallfirst_cost_usd", "Dollars spent, by upstream.", "upstream")
        self._unpriced = self._counted(
            "smallfirst_unpriced_attempts", "Upstream calls whose price is unknown.", "upstream"
        )
        self._total = self._timed("smallfirst_request_seconds", "From first byte in to last byte out.")
        self._overhead = self._timed("smallfirst_overhead_seconds", "The router's own time, without the upstreams'.")
        self._first = self._timed("smallfirst_first_byte_seconds", "Until the first byte of the reply.")
        self._closed: deque[Exchange] = deque()
        self._counting = threading.Lock()

    def observe(self, exchange: Exchange) -> None:
        """Take a closed exchange; it and its attempts are counted before the metrics are read."""
        self._closed.append(exchange)
        if len(self._closed) >= GATHERED:
            self._count_all()

    def add_calls(self, attempts: Iterable[Attempt]) -> None:
        """Count calls that no closing exchange brings: a shadow's, and counts of tokens. Their reason is their origin,
        so that nobody takes a shadow's escalation for a client's."""
        with self._counting:
            for attempt in attempts:
                self._count_call(attempt, str(attempt.origin))

    def _count_all(self) -> None:
        """Count what was gathered, each exchange once, even if a scrape's thread does so at the same time."""
        with self._counting:
            while self._closed:
                self._count(self._closed.popleft())

    def _count(self, exchange: Exchange) -> None:
        self._requests[str(exchange.outcome), exchange.upstream or "none"].total += 1
        for attempt in exchange.attempts:
            self._count_call(attempt, str(attempt.reason))
        self._total.note((exchange.total_ms or 0.0) / 1000)
        self._overhead.note((exchange.overhead_ms or 0.0) / 1000)
        if exchange.ttft_ms is not None:
            self._first.note(exchange.ttft_ms / 1000)

    def _count_call(self, attempt: Attempt, reason: str) -> None:
        upstream, cost = attempt.upstream, attempt.cost
        self._attempts[upstream, reason, attempt.error or ""].total += 1
        if cost is None:
            self._unpriced[upstream,].total += 1
        elif cost > 0:
            self._cost[upstream,].total += float(cost)

    def _counted(self, name: str, about: str, *labels: str) -> "defaultdict[tuple[str, ...], _Count]":
        counts = defaultdict[tuple[str, ...], _Count](_Count)
        self.registry.register(_Counts(name, about, labels, counts))
        return counts

    def _timed(self, name: str, about: str) -> "_Times":
        times = _Times(name, about)
        self.registry.register(times)
        return times

    def watch(self, name: str, about: str, read: Callable[[], float]) -> None:
        """Add a gauge that is read when the metrics are asked for."""
        Gauge(name, about, registry=self.registry).set_function(read)

    def watch_each(
        self, name: str, about: str, read: Callable[[], Mapping[str, float]], *, label: str = "upstream"
    ) -> None:
        """Add a gauge by upstream, or by `label`, read when the metrics are asked for."""
        self.registry.register(_Each(name, about, read, label))

    def text(self) -> bytes:
        """The metrics in Prometheus' text form; takes milliseconds, so ask for it off the event loop."""
        self._count_all()
        return generate_latest(self.registry)


# The client library's counters take a lock and a lookup for each number, which these avoid.


@dataclass(slots=True)
class _Count:
    """A number that only grows, and when it began to, in seconds since 1970."""

    total: float = 0.0
    since_s: float = field(default_factory=time.time)


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """A collector of counts, by the values of `labels`."""

    name: str
    about: str
    labels: tuple[str, ...]
    counts: Mapping[tuple[str, ...], _Count]

    def collect(self) -> Iterator[CounterMetricFamily]:
        family = CounterMetricFamily(self.name, self.about, labels=self.labels)
        for values, count in list(self.counts.items()):
            family.add_metric(values, count.total, created=count.since_s)
        yield family


@dataclass(slots=True, eq=False)
class _Times:
    """A collector of durations: how many fall into each bucket of `SECONDS`, and how many are longer."""

    name: str
    about: str
    counts: list[int] = field(default_factory=lambda: [0] * (len(SECONDS) + 1))
    sum_s: float = 0.0
    since_s: float = field(default_factory=time.time)

    def note(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(SECONDS, seconds)] += 1
        self.sum_s += seconds

    def collect(self) -> Iterator[HistogramMetricFamily]:
        family = HistogramMetricFamily(self.name, self.about)
        family.add_metric([], list(zip(AT_MOST, accumulate(self.counts), strict=True)), self.sum_s)
        family.add_sample(f"{self.name}_created", {}, self.since_s)
        yield family


@dataclass(frozen=True, slots=True)
class _Each:
    """A collector of one number for each upstream, or for each value of `label`."""

    name: str
    about: str
    read: Callable[[], Mapping[str, float]]
    label: str

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(self.name, self.about, labels=[self.label])

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(self.name, self.about, labels=[self.label])
        for labelled, value in self.read().items():
            family.add_metric([labelled], value)
        yield family
