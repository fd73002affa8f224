"""Playing questions through a running proxy as an ordinary client, and grading what comes back."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from router.core.dialects.chat import parse
from router.core.reply import read_reply
from router.pipeline.deciding import Wishes
from router.pipeline.kit import Start
from router.pipeline.line import Line
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


@dataclass(slots=True)
class Played:
    """What came of the playing: how many were answered, and the errors by code."""

    answered: int = 0
    errors: dict[str, int] = field(default_factory=dict)


class Grader:
    """Asks each model alone, so that both grades of every question are known.

    It goes through the same line as everyone, but into a ledger of its own: a checker is no traffic,
    and what it asks is on nobody's bill.
    """

    def __init__(self, runtime: Runtime) -> None:
        self.store = MemoryStore(clock_us=runtime.clock_us)
        self.line = Line(replace(runtime.line.kit, store=self.store, observers=()))

    async def answer(self, upstream: str, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The message of `upstream` on `body`; None when it gave none."""
        sink = ListSink()
        request = parse(json.dumps({**body, "model": upstream, "stream": False}).encode())
        await self.line.handle(self.line.open(), request, Wishes(), sink)
        if sink.status != 200:
            return None
        return read_reply(b"".join(sink.chunks)).answer.message


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
    served = reply.json()["choices"][0]["message"]
    who = reply.headers["x-router-upstream"]
    grades = {}
    for upstream in (runtime.line.kit.locals[0], runtime.config.baseline):
        message = served if upstream == who else await grader.answer(upstream, item.body)
        grades[upstream] = None if message is None else item.grade(message)
    label = {
        "exchange": reply.headers["x-router-exchange"],
        "who": "check",
        "label_kind": "exact",
        "small_quality": grades[runtime.line.kit.locals[0]],
        "big_quality": grades[runtime.config.baseline],
        "use": "watch",
        "inclusion_p": 1.0,
    }
    await asyncio.to_thread(runtime.store.put, "labels", label)
