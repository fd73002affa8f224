"""How much of the traffic these machines carry at a stated p95, with one model and with the panel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from classifier.bounds import TAIL
from router.reports.intervals import Estimate
from router.reports.leaning import NORMAL, quantile
from router.reports.question import Ledger, Question
from router.reports.queueing import SEED, Station, TandemQueue, carried

MIN_ANSWERS = 30
# With fewer hours how they vary is not known well enough for an interval.
MIN_HOURS = 4
DRAWS = 100
STEPS = 20


@dataclass(frozen=True, slots=True)
class Machine:
    """One local upstream and how long its answers took. `slots` is None if unknown."""

    name: str
    slots: int | None
    answers: int
    mean_s: Estimate
    p95_s: float
    tokens_per_s: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Ways to use the machines: the rate an hour at the stated p95, and the share of this period's requests it carries.

    `more` is the same with one more machine of the upstream `tightest`.
    """

    name: str
    members: tuple[str, ...]
    rate: Estimate
    share: Estimate
    tightest: str
    more_rate: float
    more_share: float


@dataclass(frozen=True, slots=True)
class Capacity:
    """The whole report. `withheld`: why there is no answer, empty when there is one."""

    question: Question
    p95_s: float
    requests: int
    hours: int
    busiest: int
    machines: tuple[Machine, ...]
    plans: tuple[Plan, ...]
    asked: str
    withheld: str


def capacity(ledger: Ledger, question: Question, slots: Mapping[str, int | None], p95_s: float) -> Capacity:
    """The report for `question`. `slots` by upstream; `p95_s` is what 95 % of the requests may take, in seconds."""
    hours = [float(row["n"]) for row in ledger.aggregate("capacity.arrivals", **question.params)]
    served = ledger.aggregate("capacity.services", **question.params)
    spread = {row["upstream"]: row for row in ledger.aggregate("capacity.spread", **question.params)}
    asks = ledger.aggregate("capacity.asks", **question.params)
    machines = tuple(_machine(name, slots.get(name), row, served) for name, row in spread.items())
    fit = [machine for machine in machines if machine.slots and machine.answers >= MIN_ANSWERS]
    stations = {m.name: Station(m.slots or 1, _middles(spread[m.name])) for m in fit}
    plans = [_plan(f"{name} alone", {name: station}, served, hours, p95_s) for name, station in stations.items()]
    if len(stations) > 1:
        together = {name: replace(station, asks=_asks(asks, name)) for name, station in stations.items()}
        plans.append(_plan("the panel", together, served, hours, p95_s))
    return Capacity(
        question=question,
        p95_s=p95_s,
        requests=int(sum(hours)),
        hours=len(hours),
        busiest=int(max(hours, default=0)),
        machines=machines,
        plans=tuple(plans),
        asked=_how_asked(asks),
        withheld=_withheld(machines, fit),
    )


def _machine(name: str, slots: int | None, row: Mapping[str, Any], served: Sequence[Mapping[str, Any]]) -> Machine:
    own = [one for one in served if one["upstream"] == name]
    seconds, tokens = sum(one["seconds"] for one in own), sum(one["tokens"] for one in own)
    return Machine(
        name=name,
        slots=slots,
        answers=row["n"],
        mean_s=_estimated(seconds / row["n"], [factor * seconds / row["n"] for factor in _factors(own)], len(own)),
        p95_s=row[f"q{STEPS - 1}"],
        tokens_per_s=tokens / seconds if seconds else None,
    )


def _plan(
    name: str,
    stations: Mapping[str, Station],
    served: Sequence[Mapping[str, Any]],
    hours: Sequence[float],
    p95_s: float,
) -> Plan:
    queue = TandemQueue(tuple(stations.values()))
    rate = 3600 * queue.most(p95_s)
    names = tuple(stations)
    factors = [_factors([one for one in served if one["upstream"] == each]) for each in names]
    drawn = [3600 * _slowed(queue, scales).most(p95_s) for scales in zip(*factors, strict=True)]
    enlarged = list(queue.stations)
    tightest = queue.tightest
    enlarged[tightest] = replace(enlarged[tightest], slots=2 * enlarged[tightest].slots)
    more = 3600 * TandemQueue(tuple(enlarged)).most(p95_s)
    return Plan(
        name=name,
        members=names,
        rate=_estimated(rate, drawn, len(hours)),
        share=_estimated(carried(hours, rate), [carried(hours, one) for one in drawn], len(hours)),
        tightest=names[tightest],
        more_rate=more,
        more_share=carried(hours, more),
    )


def _factors(own: Sequence[Mapping[str, Any]]) -> list[float]:
    """How much longer or shorter answers are on average in each draw of hours, since those of one hour are alike.

    Few hours drawn again vary too little: they vary by as much more as Student's t is wider than the normal, and as the
    mean takes of their degrees of freedom. Nothing where there are too few hours to say.
    """
    random = np.random.default_rng(SEED)
    counts = np.array([one["n"] for one in own], dtype=np.float64)
    seconds = np.array([one["seconds"] for one in own], dtype=np.float64)
    if len(own) < MIN_HOURS:
        return []
    more = quantile(len(own) - 1) / NORMAL * (len(own) / (len(own) - 1)) ** 0.5
    whole = seconds.sum() / counts.sum()
    chosen = (random.integers(0, len(own), len(own)) for _ in range(DRAWS))
    return [float(seconds[who].sum() / counts[who].sum() / whole) ** more for who in chosen]


def _slowed(queue: TandemQueue, scales: Sequence[float]) -> TandemQueue:
    pairs = zip(queue.stations, scales, strict=True)
    return TandemQueue(tuple(replace(s, seconds=tuple(scale * one for one in s.seconds)) for s, scale in pairs))


def _estimated(value: float, drawn: Sequence[float], n: int) -> Estimate:
    if not drawn:
        return Estimate(value, n=n)
    low, high = (float(bound) for bound in np.quantile(np.asarray(drawn), (TAIL, 1 - TAIL)))
    return Estimate(value, min(low, value), max(high, value), n)


def _middles(row: Mapping[str, Any]) -> tuple[float, ...]:
    return tuple(float(row[f"q{step}"]) for step in range(STEPS))


def _asks(asks: Sequence[Mapping[str, Any]], name: str) -> float:
    """Calls of `name` a request that asks several: as measured, else one."""
    return next((row["calls"] / row["requests"] for row in asks if row["upstream"] == name and row["requests"]), 1.0)


def _how_asked(asks: Sequence[Mapping[str, Any]]) -> str:
    if not asks:
        return "no request asked several local models yet: the panel is taken to ask each of them once"
    calls = ", ".join(f"{row['upstream']} {row['calls'] / row['requests']:.2f}" for row in asks)
    return f"calls a request of the panel, as measured over {asks[0]['requests']:,}: {calls}"


def _withheld(machines: Sequence[Machine], fit: Sequence[Machine]) -> str:
    if not machines:
        return "no local upstream has answered in this period"
    if fit:
        return ""
    unknown = [machine.name for machine in machines if not machine.slots]
    if unknown:
        return f"it is not known how many slots {', '.join(unknown)} has; write `slots:` or give --slots NAME=N"
    return f"fewer than {MIN_ANSWERS} answers of each local upstream: too few to speak of a 95th percentile"
