"""Counts and times for Prometheus; labels are few, so that a scrape stays small."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

from router.core.exchange import Exchange

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
GATHERED = 32  # exchanges counted in one go: the second costs a third of the first, whose code and counters are cold
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Telemetry:
    """An observer that keeps metrics in a registry of its own; children are cached, not looked up."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "smallfirst_requests",
            "Requests by outcome and who answered.",
            ["outcome", "upstream"],
            registry=self.registry,
        )
        self._attempts = Counter(
            "smallfirst_attempts",
            "Upstream calls by upstream, reason and error.",
            ["upstream", "reason", "error"],
            registry=self.registry,
        )
        self._cost = Counter("smallfirst_cost_usd", "Dollars spent, by upstream.", ["upstream"], registry=self.registry)
        self._unpriced = Counter(
            "smallfirst_unpriced_attempts",
            "Upstream calls whose price is unknown.",
            ["upstream"],
            registry=self.registry,
        )
        self._total = Histogram(
            "smallfirst_request_seconds",
            "From first byte in to last byte out.",
            buckets=SECONDS,
            registry=self.registry,
        )
        self._overhead = Histogram(
            "smallfirst_overhead_seconds",
            "Our own time, the upstreams' left out.",
            buckets=SECONDS,
            registry=self.registry,
        )
        self._first = Histogram(
            "smallfirst_first_byte_seconds",
            "Until the first byte of the reply.",
            buckets=SECONDS,
            registry=self.registry,
        )
        self._children: dict[tuple[str, ...], Counter] = {}
        self._closed: deque[Exchange] = deque()

    def observe(self, exchange: Exchange) -> None:
        """Take one closed exchange, to be counted with its attempts before anybody reads."""
        self._closed.append(exchange)
        if len(self._closed) >= GATHERED:
            self._count_all()

    def _count_all(self) -> None:
        """Count what was gathered; each once, though a scrape's thread and the loop may both be at it."""
        while self._closed:
            try:
                exchange = self._closed.popleft()
            except IndexError:
                return  # the other took the last one
            self._count_one(exchange)

    def _count_one(self, exchange: Exchange) -> None:
        self._count(self._requests, str(exchange.outcome), exchange.upstream or "none")
        for attempt in exchange.attempts:
            self._count(self._attempts, attempt.upstream, str(attempt.reason), attempt.error or "")
            cost = attempt.cost
            if cost is None:
                self._count(self._unpriced, attempt.upstream)
            elif cost > 0:
                self._child(self._cost, attempt.upstream).inc(float(cost))
        self._total.observe((exchange.total_ms or 0.0) / 1000)
        self._overhead.observe((exchange.overhead_ms or 0.0) / 1000)
        if exchange.ttft_ms is not None:
            self._first.observe(exchange.ttft_ms / 1000)

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

    def _count(self, counter: Counter, *labels: str) -> None:
        self._child(counter, *labels).inc()

    def _child(self, counter: Counter, *labels: str) -> Counter:
        key = (counter._name, *labels)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = counter.labels(*labels)
        return child


@dataclass(frozen=True, slots=True)
class _Each:
    """A collector of one number an upstream, or whatever `label` says."""

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
