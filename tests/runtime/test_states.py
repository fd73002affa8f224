"""The states of upstreams: what each says, and what is believed of one that says nothing in time."""

import asyncio
from typing import cast

import pytest

from router.core.ports import Upstream
from router.core.upstream import UNKNOWN_CLOUD, UpstreamSpec, UpstreamState
from router.runtime.states import states_of
from router.upstreams import build
from tests.conftest import Scripted


class Silent:
    """A server that takes the question and never answers it."""

    def __init__(self, *, local: bool) -> None:
        self.spec = UpstreamSpec("silent", "openai", "m", "http://127.0.0.1:1", local=local)

    async def state(self) -> UpstreamState:
        await asyncio.Event().wait()
        raise AssertionError("never reached")


async def asked(upstream: object, before: UpstreamState | None = None) -> UpstreamState:
    known = {} if before is None else {"one": before}
    return (await states_of({"one": cast(Upstream, upstream)}, known, wait_s=0.01))["one"]


async def test_each_says_its_own_state(scripted: Scripted) -> None:
    upstreams = {name: build(UpstreamSpec(name, "openai", "m", scripted().url)) for name in ("small", "big")}
    found = await states_of(upstreams, {})
    assert {name: state.phase for name, state in found.items()} == {"small": "ready", "big": "ready"}
    for upstream in upstreams.values():
        await upstream.aclose()


async def test_one_that_says_nothing_is_failing_with_how_long_it_was_waited_for() -> None:
    state = await asked(Silent(local=False))
    assert (state.phase, state.detail, state.cloud) == ("failing", "said nothing within 0.01 s", "")


@pytest.mark.parametrize("cloud", ["", "ollama.com"])
async def test_a_silent_one_runs_where_it_last_said(cloud: str) -> None:
    assert (await asked(Silent(local=True), UpstreamState("ready", cloud=cloud))).cloud == cloud


async def test_of_a_silent_local_one_that_never_spoke_nobody_knows_whether_a_cloud_runs_it() -> None:
    assert (await asked(Silent(local=True))).cloud == UNKNOWN_CLOUD
