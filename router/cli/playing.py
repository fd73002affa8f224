"""Playing questions through a running proxy as an ordinary client, and grading what comes back."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import httpx

from router.core.dialects.chat import parse
from router.core.reply import read_reply
from router.pipeline.options import RequestOptions
from router.pipeline.pipeline import Pipeline
from router.pipeline.sink import Start
from router.reports.intervals import SAVED, Conversations, Estimate, ratio
from router.runtime import Runtime
from router.store.memory import MemoryStore

AT_ONCE = 4
PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Item:
    """One question to play: the body a client sends, its tag, and how an answer is graded, in [0, 1]."""

    body: Mapping[str, Any]
    tag: str
    grade: Callable[[Mapping[str, Any]], float]


@dataclass(frozen=True, slots=True)
class QuestionCost:
    """What one question cost, and what the big model's own answer to it cost, in dollars; None is not known.

    `alone`: the grade of the first small model's own answer, whoever answered; None where it gave none.
    """

    tag: str
    spent: Decimal | None
    big: Decimal | None
    alone: float | None = None


@dataclass(slots=True)
class Played:
    """What came of the playing: how many were answered, what each cost, and the errors by code."""

    answered: int = 0
    costs: list[QuestionCost] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)

    def cost_share(self, tag: str | None = None) -> Estimate:
        """What was spent as a share of the big model's bill, of one kind of question or of all.

        Nothing is predicted here: the checker asked the big model everything. Unknown where a cost is.
        """
        costs = [cost for cost in self.costs if tag in (None, cost.tag)]
        known = [{"spent": p.spent, "big": p.big} for p in costs if p.spent is not None and p.big is not None]
        if len(known) < len(costs):
            return Estimate(None)
        return (
            Conversations(known, ("spent", "big"))
            .estimate(lambda t: 1 - ratio(t["spent"], t["big"]), within=SAVED)
            .rest
        )

    def small_alone(self) -> float | None:
        """The mean grade of the first small model asked alone, in [0, 1]; None where nothing was graded."""
        known = [cost.alone for cost in self.costs if cost.alone is not None]
        return sum(known) / len(known) if known else None


class Grader:
    """Asks each model alone, so that both grades of every question are known.

    It uses the same pipeline, but a ledger of its own: what a checker asks is neither traffic nor on the bill.
    """

    def __init__(self, runtime: Runtime) -> None:
        self.store = MemoryStore(clock_us=runtime.clock_us)
        self.pipeline = Pipeline(replace(runtime.pipeline.deps, store=self.store, observers=()))

    async def answer(self, upstream: str, body: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, Decimal | None]:
        """The message of `upstream` on `body`, None if it gave none; and its cost, None if unknown."""
        sink = ListSink()
        request = parse(json.dumps({**body, "model": upstream, "stream": False}).encode())
        exchange = self.pipeline.open()
        await self.pipeline.handle(exchange, request, RequestOptions(), sink)
        if sink.status != 200:
            return None, None
        return read_reply(b"".join(sink.chunks)).answer.message, exchange.cost


class ListSink:
    """Keeps a reply instead of sending it."""

    def __init__(self) -> None:
        self.status = 0
        self.chunks: list[bytes] = []

    async def start(self, start: Start) -> None:
        """Note the status."""
        self.status = start.status

    async def send(self, chunk: bytes) -> None:
        """Keep the chunk."""
        self.chunks.append(chunk)

    async def end(self) -> None:
        """Nothing is left to do."""

    def watch(self, left: Callable[[], None]) -> Callable[[], None]:
        """Nobody ever leaves."""
        return lambda: None


async def play(url: str, items: Sequence[Item], runtime: Runtime, step: Callable[[], None]) -> Played:
    """Ask every item over HTTP at `url`, grade the small and the big answer, and write a label for each.

    `step` is called after each question. Runs on the server's own loop, beside the server.
    """
    played, grader, turn = Played(), Grader(runtime), asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S, trust_env=False) as client:

        async def one(item: Item) -> None:
            async with turn:
                reply = await client.post(
                    "/v1/chat/completions",
                    json={**item.body, "model": "auto"},
                    headers={"x-router-tags": f"world={item.tag}"},
                )
                await _note(reply, item, grader, runtime, played)
                step()

        await asyncio.gather(*(one(item) for item in items))
    with suppress(AttributeError):
        grader.store.close()
    return played


async def _note(reply: httpx.Response, item: Item, grader: Grader, runtime: Runtime, played: Played) -> None:
    if reply.status_code != 200:
        code = str(reply.json().get("error", {}).get("code"))
        played.errors[code] = played.errors.get(code, 0) + 1
        return
    played.answered += 1
    served = (reply.json()["choices"][0]["message"], _usd(reply.headers.get("x-router-baseline-usd")))
    who, big = reply.headers["x-router-upstream"], runtime.config.baseline
    grades, costs = {}, {}
    first = runtime.pipeline.deps.locals[0]
    for upstream in dict.fromkeys((first, big, who)):
        message, costs[upstream] = served if upstream == who else await grader.answer(upstream, item.body)
        grades[upstream] = None if message is None else item.grade(message)
    spent = _usd(reply.headers.get("x-router-cost-usd"))
    played.costs.append(QuestionCost(item.tag, spent, costs[big], grades[first]))
    label = {
        "exchange": reply.headers["x-router-exchange"],
        "who": "check",
        "label_kind": "exact",
        "small_quality": grades[first if who == big else who],  # of a panel the answer that went out
        "big_quality": grades[big],
        "use": "watch",
        "inclusion_p": 1.0,
    }
    await asyncio.to_thread(runtime.store.put, "labels", label)


def _usd(header: str | None) -> Decimal | None:
    return None if header in (None, "unknown") else Decimal(header)
