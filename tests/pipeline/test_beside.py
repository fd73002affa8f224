"""Long bodies are decided on and searched beside the event loop, and short ones at once."""

import asyncio
import threading

import pytest

from classifier.task import question_key
from router.pipeline.beside import beside, searched_beside
from router.pipeline.intake import LONG
from router.pipeline.options import RequestOptions
from router.pipeline.pipeline import Pipeline
from tests.conftest import OpenHouse, Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import Client, chat, opened_exchange

STAYS = """policy: balanced
rules:
  - {name: home, when: has_pii, plan: [small], local_only: true}
otherwise: {plan: [big]}
"""
NUMBERS = "4111 1111 2222 3333 " * 80_000
CARD = "4111 1111 1111 1111"


def test_a_card_in_a_long_text_keeps_it_home(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()}, policy=STAYS, context=100_000)
    kept = house.ask("word " * 3_300 + CARD)
    assert kept.headers["x-router-upstream"] == "small", kept.text
    named = house.ask("word " * 3_300 + CARD, model="big")
    assert (named.status_code, named.json()["error"]["code"]) == (403, "local_only")
    assert house.ask("word " * 3_300).headers["x-router-upstream"] == "big"


def test_others_are_answered_while_a_long_text_is_searched(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()}, policy=STAYS)

    async def turns() -> int:
        """How often the server's loop came round while the text was searched."""
        body = chat(NUMBERS)
        searching = asyncio.ensure_future(searched_beside(house.runtime.pipeline.deps, body, RequestOptions()))
        count = 0
        while not searching.done():
            count += 1
            await asyncio.sleep(0)
        assert searching.result().found is not None
        return count

    assert asyncio.run_coroutine_threadsafe(turns(), house.server.loop).result(60) > 5


async def test_what_is_short_is_done_at_once_and_what_is_long_in_a_thread() -> None:
    def here(word: str) -> tuple[str, bool]:
        return word, threading.current_thread() is threading.main_thread()

    assert await beside(LONG, here, "short") == ("short", True)
    assert await beside(LONG + 1, here, "long") == ("long", False)


async def test_an_error_in_the_thread_is_the_callers_own() -> None:
    with pytest.raises(ZeroDivisionError):
        await beside(LONG + 1, lambda: 1 // 0)


async def test_who_is_cancelled_waits_for_what_is_under_way() -> None:
    begun, go, done = threading.Event(), threading.Event(), list[str]()

    def work() -> None:
        begun.set()
        go.wait(60)
        done.append("written")

    waiting = asyncio.ensure_future(beside(LONG + 1, work))
    await asyncio.to_thread(begun.wait, 60)
    waiting.cancel()
    await asyncio.sleep(0)
    assert not waiting.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert done == ["written"]


@pytest.mark.parametrize(("text", "on_the_loop"), [("6 times 7?", True), ("word " * LONG, False)])
async def test_a_long_request_is_decided_on_beside_the_loop(
    text: str, on_the_loop: bool, scripted: Scripted, make_deps: MakeDeps
) -> None:
    where: list[bool] = []

    def paused(key: str) -> bool:
        where.append(threading.current_thread() is threading.main_thread())
        return False

    client, exchange = Client(), opened_exchange()
    deps = make_deps(scripted(), scripted(), paused=paused)
    await Pipeline(deps).handle(exchange, chat(text), RequestOptions(), client)
    assert where == [on_the_loop]
    assert (client.started.status, exchange.question) == (200, question_key(chat(text).body, b"salt"))


@pytest.mark.parametrize("model", ["auto", "nobody", "small"])
async def test_where_no_policy_in_force_reads_it_nothing_is_searched(
    model: str, scripted: Scripted, make_deps: MakeDeps
) -> None:
    deps = make_deps(scripted(), scripted())
    assert await searched_beside(deps, chat("word " * 3_300, model=model), RequestOptions()) == RequestOptions()
