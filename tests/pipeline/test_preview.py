"""A preview: the decision as plain data, with prices, and nobody asked."""

import orjson

from router.pipeline.options import RequestOptions
from router.pipeline.pipeline import Pipeline
from router.pipeline.preview import ASSUMED_OUTPUT, preview, prices
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import chat


async def test_a_preview_is_data_that_goes_into_json_and_sends_nothing(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, big = scripted(), scripted()
    deps = make_deps(small, big)
    told = preview(deps, Pipeline(deps).open(), chat(), RequestOptions())
    assert (told["rule"], told["first"], told["plan"]) == ("otherwise", "small", ["small[structure, refusal]", "big"])
    assert orjson.loads(orjson.dumps(told))["signals"]["turns"] == 1
    assert small.requests == big.requests == []
    assert deps.store.find("exchanges") == []


async def test_every_upstream_has_its_price_for_this_request(scripted: Scripted, make_deps: MakeDeps) -> None:
    deps = make_deps(scripted(), scripted())
    told = prices(deps, chat("x" * 384, max_tokens=10))
    assert told["small"] == {"state": "free", "usd": "0"}
    assert told["big"] == {"state": "known", "usd": "0.00035"}


async def test_an_answer_without_a_limit_is_assumed_to_be_of_ordinary_length(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    deps = make_deps(scripted(), scripted())
    assert prices(deps, chat())["big"] == prices(deps, chat(max_tokens=ASSUMED_OUTPUT))["big"]
    assert prices(deps, chat(max_tokens=10**6))["big"] == prices(deps, chat())["big"]
