"""Plans for requests that a chat cannot say."""

from dataclasses import replace

import orjson
import pytest

from policies.policy import Plan, Step
from router.core.dialects.catalogue import request_in
from router.core.dialects.dialect import Original
from router.core.errors import BadRequest
from router.core.exchange import Exchange
from router.pipeline.speaking import speakable
from router.upstreams import build
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps

BOTH = Plan((Step("small", ("structure",)), Step("big")))


def original(**fields: object) -> Original:
    request = request_in("responses", orjson.dumps({"model": "auto", "input": "hi"} | fields), {})
    assert request.original is not None
    return request.original


async def test_what_a_chat_can_say_goes_anywhere_and_what_it_lost_is_recorded(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    exchange = Exchange("e", 0)
    assert speakable(make_deps(scripted(), scripted()), exchange, original(store=True), BOTH) is BOTH
    (reason,) = exchange.reasons
    assert (reason["outcome"], "store" in reason["why"]) == ("stripped", True)


async def test_what_a_client_writes_without_end_is_recorded_in_short(scripted: Scripted, make_deps: MakeDeps) -> None:
    exchange = Exchange("e", 0)
    odd = {"x" * 5000: 1} | {f"k{n}": 1 for n in range(1000)}
    speakable(make_deps(scripted(), scripted()), exchange, original(reasoning=odd), BOTH)
    (reason,) = exchange.reasons
    assert len(reason["why"]) < 2000
    assert reason["why"].endswith("and 981 more")


async def test_where_nobody_speaks_the_dialect_the_refusal_is_the_clients(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    with pytest.raises(BadRequest) as error:
        speakable(make_deps(scripted(), scripted()), Exchange("e", 0), original(previous_response_id="resp_1"), BOTH)
    assert error.value.param == "previous_response_id"


async def test_steps_that_do_not_speak_it_are_passed_over(scripted: Scripted, make_deps: MakeDeps) -> None:
    exchange, deps = Exchange("e", 0), make_deps(scripted(), scripted())
    big = build(replace(deps.upstreams["big"].spec, speaks=frozenset({"chat", "responses"})))
    deps = replace(deps, upstreams={**deps.upstreams, "big": big})
    plan = speakable(deps, exchange, original(previous_response_id="resp_1"), BOTH)
    assert plan == Plan((Step("big"),))
    assert exchange.plan == ("big",)
    assert exchange.reasons[-1]["outcome"] == "skipped"
    await big.aclose()
