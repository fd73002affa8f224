"""Days of requests made up for `bench.reports_coverage`: what a server would have recorded of them, and the truth."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from router.core.exchange import Attempt, Exchange, Origin, Outcome, Reason
from router.core.prices import FREE, UNKNOWN, Price, PriceState, Usage, nanos

DAY_US = 86_400_000_000
SECOND_US = 1_000_000
PROMPT, LENGTH = 1000, 400  # tokens
BIG = Price(PriceState.KNOWN, input=Decimal("2.50"), output=Decimal("10.00"))
EASY, REST = "likely-good", "otherwise"
MANY = 400_000  # conversations that a truth is averaged over, where it is that of all such days
Floats = NDArray[np.float64]
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Day:
    """What the ledger gets of a day, and for each figure the truth that its interval should hold."""

    exchanges: list[Exchange] = field(default_factory=list)
    labels: list[Mapping[str, Any]] = field(default_factory=list)
    truth: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Traffic:
    """A day that is paid for: so many conversations of `turns` requests each, of which a share `held` is held out.

    `kept`: the share that a policy keeps small, the rest goes to the baseline. `variation`: the coefficient of
    variation of the big model's lengths, half of whose logarithm's variance is the conversation's own. `small_price`:
    dollars a million tokens. Shares of the kept requests: `shadows` have a paid call beside them, `retried` a paid one
    that failed (of the baseline's answers, too), `interrupted` never came to an end, `unknown` have no known price.
    `samples`: answers to each of them.
    """

    conversations: int
    held: float = 0.15
    kept: float = 0.6
    variation: float = 1.0
    turns: int = 1
    small_price: float = 0.5
    shadows: float = 0.0
    retried: float = 0.0
    interrupted: float = 0.0
    unknown: float = 0.0
    samples: int = 1

    def day(self, start: int, seed: tuple[int, int]) -> Day:
        """A day of it. The truth of money is what the baseline would have cost on this very day."""
        random, made, would = np.random.default_rng(seed), Day(), Decimal(0)
        for place in range(self.conversations):
            name = f"{start}-{place}"
            for exchange, own in self._conversation(random, name, start + place * SECOND_US):
                made.exchanges.append(exchange)
                would += own
        spent = sum((one.cost or Decimal(0) for each in made.exchanges for one in each.attempts), Decimal(0))
        made.truth["saved"] = float(would - spent)
        made.truth["saved share"] = float(1 - spent / would)
        made.truth["answered small"] = self._small()
        return made

    def _small(self) -> float:
        """The share of answered requests that is small on all such days."""
        asked = (1 - self.held) * self.kept
        return asked * (1 - self.interrupted) / (1 - asked * self.interrupted)

    def _conversation(self, random: Random, name: str, at: int) -> Iterator[tuple[Exchange, Decimal]]:
        """Each of its requests, and what the baseline would have cost for it."""
        spread = np.sqrt(np.log1p(self.variation**2) / 2)
        held, easy = random.random() < self.held, random.random() < self.kept
        own = random.lognormal(-(spread**2) / 2, spread)
        for turn in range(self.turns):
            long = max(1, round(LENGTH * own * random.lognormal(-(spread**2) / 2, spread)))
            exchange = _opened(f"{name}-{turn}", name, at + turn, EASY if easy else REST)
            exchange.holdout = held
            if held or not easy:
                self._big(random, exchange, long)
            else:
                self._small_one(random, exchange)
            counted = exchange.outcome is Outcome.ANSWERED
            yield exchange, _cost(long) if counted else Decimal(0)

    def _big(self, random: Random, exchange: Exchange, long: int) -> None:
        if random.random() < self.retried:
            _call(exchange, "big", BIG, LENGTH, error="timeout")
        _call(exchange, "big", BIG, long)
        _answered(exchange, "big", _cost(long), "measured")

    def _small_one(self, random: Random, exchange: Exchange) -> None:
        price = Price(PriceState.KNOWN, output=Decimal(str(self.small_price)))
        if random.random() < self.unknown:
            price = UNKNOWN
        lengths = np.maximum(1, random.lognormal(5.2, 0.5, self.samples).round()).astype(int).tolist()
        if random.random() < self.interrupted:
            _call(exchange, "small", FREE, lengths[0], error="interrupted")
            exchange.outcome = Outcome.INTERRUPTED
            return
        for nth, long in enumerate(lengths):
            _call(exchange, "small", price, long, origin=Origin.PANEL, reason=Reason.SAMPLE if nth else Reason.PANEL)
        if random.random() < self.shadows:
            _call(exchange, "second", BIG, LENGTH, origin=Origin.SHADOW)
        _answered(exchange, "small", _cost(lengths[-1]), "predicted")


@dataclass(frozen=True, slots=True)
class Graded:
    """A day that is graded: a share `kept` of so many conversations is small.

    Of the kept answers a share `lost` is worse by a grade and a share `won` better; of the others small ones are worse
    half the time. A conversation's answers are alike. A share `drawn` is labelled, and if `unequal` half of the kept
    ones at a third of that. `questions`: so many are asked again and again, of equal worth whoever asks; 0: each once.
    """

    conversations: int
    kept: float = 0.6
    lost: float = 0.05
    won: float = 0.02
    drawn: float = 1.0
    unequal: bool = False
    turns: int = 1
    questions: int = 0

    def day(self, start: int, seed: tuple[int, int]) -> Day:
        """A day of it. The truth is that of all such days."""
        random, made = np.random.default_rng(seed), Day()
        kept, small, big = self._grades(random, self.conversations)
        for place in range(self.conversations):
            name, rare = f"{start}-{place}", self.unequal and random.random() < 0.5
            chance = self.drawn / 3 if rare and kept[place] else self.drawn
            for turn in range(self.turns):
                exchange = _opened(f"{name}-{turn}", name, start + place * SECOND_US + turn, EASY)
                upstream, source = ("small", "predicted") if kept[place] else ("big", "measured")
                _call(exchange, upstream, BIG if upstream == "big" else FREE, LENGTH)
                _answered(exchange, upstream, _cost(LENGTH), source)
                made.exchanges.append(exchange)
                if random.random() < chance:
                    made.labels.append(_label(exchange.id, small[place], big[place], chance))
        made.truth.update(self.truth())
        return made

    def truth(self) -> dict[str, float]:
        """Every figure on all such days, by a great many of them."""
        kept, small, big = self._grades(np.random.default_rng(0), MANY)
        served, share = np.where(kept, small, big), float(kept.mean())
        d = big - served
        figures = {"answered small": share, "served": float(served.mean()), "loss": float(d.mean())}
        figures["harm"] = float(np.maximum(d, 0).mean())
        figures["quality kept"] = 1 - figures["loss"] / float(big.mean())
        figures["over random mix"] = float(served.mean() - share * small.mean() - (1 - share) * big.mean())
        return figures | ({"loss among kept": float(d[kept].mean())} if share else {})

    def _grades(self, random: Random, count: int) -> tuple[NDArray[np.bool_], Floats, Floats]:
        """Of so many conversations which are kept, and what the small and the big answers are worth."""
        if not self.questions:
            return self._drawn(random, count)
        kept, small, big = self._drawn(np.random.default_rng(self.questions), self.questions)
        asked = random.integers(0, self.questions, count)
        return kept[asked], small[asked], big[asked]

    def _drawn(self, random: Random, count: int) -> tuple[NDArray[np.bool_], Floats, Floats]:
        kept, kind = random.random(count) < self.kept, random.random(count)
        big = (random.random(count) < 0.9).astype(np.float64)
        worse, better = kind < np.where(kept, self.lost, 0.5), kind > 1 - self.won
        big = np.where(worse, 1.0, np.where(better, 0.0, big))
        return kept, np.where(worse, 0.0, np.where(better, 1.0, big)), big


def _opened(id_: str, session: str, at: int, rule: str) -> Exchange:
    exchange = Exchange(id=id_, started_at=at, policy="balanced", rule=rule, baseline="big", session=session)
    exchange.ended_at = at + SECOND_US
    return exchange


def _call(exchange: Exchange, upstream: str, price: Price, long: int, **changes: Any) -> None:
    given = {"origin": Origin.SERVE, "reason": Reason.FIRST} | changes
    exchange.attempts.append(
        Attempt(
            id=f"{exchange.id}-{len(exchange.attempts)}",
            exchange=exchange.id,
            step=0,
            upstream=upstream,
            model=f"{upstream}-model",
            local=upstream != "big",
            started_at=exchange.started_at,
            ended_at=exchange.started_at + SECOND_US,
            price=price,
            usage=Usage(input=PROMPT, output=long),
            **given,
        )
    )


def _answered(exchange: Exchange, upstream: str, baseline: Decimal, source: str) -> None:
    exchange.upstream, exchange.outcome, exchange.status = upstream, Outcome.ANSWERED, 200
    exchange.baseline_cost, exchange.baseline_source = baseline, source


def _cost(long: int) -> Decimal:
    """Dollars that the big model asks for an answer of so many tokens."""
    return Decimal(nanos(BIG.cost(Usage(input=PROMPT, output=long))) or 0) / 10**9


def _label(exchange: str, small: float, big: float, chance: float) -> Mapping[str, Any]:
    grades = {"small_quality": float(small), "big_quality": float(big)}
    return {"exchange": exchange, "who": "check", "label_kind": "exact", "inclusion_p": chance} | grades
