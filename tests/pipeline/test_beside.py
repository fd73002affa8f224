"""A long body is searched beside the event loop, and only where a policy in force reads what is found."""

import asyncio

import pytest

from router.pipeline.beside import searched_beside
from router.pipeline.options import RequestOptions
from tests.conftest import OpenHouse, Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import chat

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


@pytest.mark.parametrize("model", ["auto", "nobody", "small"])
async def test_where_no_policy_in_force_reads_it_nothing_is_searched(
    model: str, scripted: Scripted, make_deps: MakeDeps
) -> None:
    deps = make_deps(scripted(), scripted())
    assert await searched_beside(deps, chat("word " * 3_300, model=model), RequestOptions()) == RequestOptions()
