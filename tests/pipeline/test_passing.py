"""Passing on: what must not leave, and who cannot take it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from router.core.errors import BadRequest, Forbidden, UpstreamError
from router.core.exchange import Exchange, Outcome
from router.core.upstream import Passage
from router.pipeline.passing import Passing
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import Client, opened_exchange


def passing(deps: object, **fields: object) -> Passing:
    exchange: Exchange = opened_exchange(**fields)
    return Passing(deps, exchange, Passage("POST", "files"))  # type: ignore[arg-type]


async def test_it_is_answered_as_the_baseline_answers_and_a_refusal_costs_nothing(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    big = scripted()
    big.fails(404)
    client, passed = Client(), passing(make_deps(scripted(), big))
    await passed.run(client)
    assert (client.started.status, client.ended) == (404, True)
    assert (passed.exchange.outcome, passed.exchange.upstream, passed.exchange.cost) == (
        Outcome.FAILED,
        "big",
        Decimal(0),
    )


async def test_what_must_stay_here_is_not_passed_on(scripted: Scripted, make_deps: MakeDeps) -> None:
    big = scripted()
    with pytest.raises(Forbidden):
        await passing(make_deps(scripted(), big), local_only=True).run(Client())
    assert big.asked.count == 0


async def test_tags_say_who_may_see_it(scripted: Scripted, make_deps: MakeDeps) -> None:
    big = scripted()
    deps = make_deps(scripted(), big, settings={"egress": {"team=legal": frozenset({"small"})}})
    with pytest.raises(Forbidden) as raised:
        await passing(deps, tags={"team": "legal"}).run(Client())
    assert (raised.value.code, big.asked.count) == ("egress", 0)


async def test_a_failure_is_written_down_and_raised(scripted: Scripted, make_deps: MakeDeps) -> None:
    big = scripted()
    big.drops()
    passed = passing(make_deps(scripted(), big))
    with pytest.raises(UpstreamError):
        await passed.run(Client())
    (attempt,) = passed.exchange.attempts
    assert (attempt.error, attempt.usage) == ("disconnected", None)


async def test_a_kind_that_passes_nothing_on_says_so(scripted: Scripted, make_deps: MakeDeps) -> None:
    deps = make_deps(scripted(), scripted())
    mute: Any = _Mute(deps.upstreams["big"].spec)
    with pytest.raises(BadRequest):
        await passing(replace(deps, upstreams={"big": mute})).run(Client())


class _Mute:
    def __init__(self, spec: object) -> None:
        self.spec = spec
