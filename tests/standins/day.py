"""A day of mixed traffic, its clock wound by hand, in which every class of egress is tried."""

import os
import re
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult
from msgspec import structs

from classifier.digests import model_digest
from router import judges
from router.core.entrypoint import Entrypoint
from router.core.errors import Forbidden
from router.core.exchange import Origin, Reason
from router.core.ports import Upstream
from router.core.prices import FREE
from router.core.recording import Recording
from router.core.upstream import UpstreamSpec
from router.pipeline.calls import OpenCall
from router.pipeline.dependencies import Dependencies
from router.pipeline.options import RequestOptions
from router.pipeline.pipeline import Pipeline
from router.pipeline.planned_call import PlannedCall
from router.pipeline.settings import Settings
from router.reports.privacy import Privacy, privacy
from router.reports.privacy_page import page
from router.reports.question import Question
from router.reports.render import as_table
from router.store.memory import MemoryStore
from router.upstreams import build
from tests.pipeline.parts import Client, chat, opened_exchange, read_policy
from tests.standins.scripted import ScriptedUpstream
from tests.store.records import NOON, SECOND, Clock, closed

HOUR = 3600
CARD, HELLO = "My card is 4111 1111 1111 1111", "What is the capital of France?"
POLICY = """
policy: private
rules:
  - {name: stays-home, when: has_pii, plan: [{upstream: small, judges: [structure, refusal]}], local_only: true}
  - {name: farm, when: tag.team == 'search', plan: [farm, cloud]}
  - {name: sheet, when: tag.team == 'sheet', plan: [sheet, cloud]}
  - {name: own, when: tag.team == 'own', plan: [own, cloud]}
otherwise: {plan: [{upstream: small, judges: [structure, refusal]}, cloud]}
holdout: 0.1
explore: 0.1
"""
LOOSE = "policy: loose\notherwise: {plan: [cloud]}\n"


class Names(AbstractResolver):
    """A DNS of this test's own: every name is the scripted server on loopback."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is open."""


def built(spec: UpstreamSpec, recordings: Any = None) -> Upstream:
    made = build(spec, recordings)
    if hasattr(made, "_session"):
        made._session().connector._resolver = Names()
    return made


def world(scripted: Callable[[], ScriptedUpstream]) -> dict[str, Upstream]:
    """An upstream in each place: this process, this machine, the premises, a provider, and code of one's own."""
    ports = {name: scripted().port for name in ("small", "farm", "cloud")}
    sheet: dict[str, Recording] = {}
    rows: Sequence[tuple[UpstreamSpec, Any]] = (
        (UpstreamSpec("small", "openai", "m", f"http://127.0.0.1:{ports['small']}/v1", local=True, price=FREE), None),
        (UpstreamSpec("farm", "openai", "m", f"http://gpu.home.example:{ports['farm']}/v1", local=True,
                      premises=("gpu.home.example",), price=FREE), None),
        (UpstreamSpec("cloud", "openai", "m", f"http://api.big.example:{ports['cloud']}/v1"), None),
        (UpstreamSpec("sheet", "recorded", "m", local=True, options={"recording": "builtin"}), sheet),
        (UpstreamSpec("own", "router.upstreams.recorded:Recorded", "m"), sheet),
    )  # fmt: skip
    return {spec.name: built(spec, recordings) for spec, recordings in rows}


@asynccontextmanager
async def day_deps(clock: Clock) -> AsyncIterator[Dependencies]:
    """The parts of a proxy before that world, its ledger in memory; everything ends with it."""
    with ExitStack() as stack:

        def scripted() -> ScriptedUpstream:
            made = ScriptedUpstream()
            stack.callback(made.close)
            return made

        upstreams, store = world(scripted), MemoryStore(clock_us=clock)
        stack.callback(store.close)
        specs = {name: upstream.spec for name, upstream in upstreams.items()}
        settings = Settings(
            baseline="cloud",
            default_policy="private",
            config_digest="0123456789ab",
            salt=b"salt",
            egress={"team=legal": frozenset({"small", "farm"})},
            entrypoints={"gpt-4.1": Entrypoint("private", "cloud")},
        )
        try:
            yield Dependencies(
                settings=settings,
                upstreams=upstreams,
                policies={name: read_policy(text, specs) for name, text in (("private", POLICY), ("loose", LOOSE))},
                judges=judges.build(judges.KINDS),
                store=store,
                clock_us=clock,
                random_bytes=os.urandom,
                digests={name: model_digest(spec.model) for name, spec in specs.items()},
            )
        finally:
            for upstream in upstreams.values():
                await upstream.aclose()


async def asked(deps: Dependencies, text: str, options: RequestOptions = RequestOptions(), **body: Any) -> int:  # noqa: B008 - frozen
    pipeline, client = Pipeline(deps), Client()
    await pipeline.handle(pipeline.open(), chat(text, **body), options, client)
    return client.started.status


def tagged(team: str, **more: Any) -> RequestOptions:
    return RequestOptions(tags={"team": team}, **more)


async def one_hour(deps: Dependencies, hour: int) -> None:
    """What comes in an hour: plain words, a card, every team, and those who try to get a card out."""
    session = f"hour-{hour}"
    assert await asked(deps, HELLO, RequestOptions(session=session)) == 200
    assert await asked(deps, CARD, RequestOptions(session=session)) == 200
    assert await asked(deps, HELLO, RequestOptions(local_only=True, session=session)) == 200
    assert await asked(deps, HELLO, tagged("legal", session=session)) == 200
    for team in ("search", "sheet", "own"):
        assert await asked(deps, HELLO, tagged(team, session=session)) == 200
    assert await asked(deps, HELLO, model="cloud") == 200
    for trick in (RequestOptions(upstream="cloud"), RequestOptions(policy="loose")):
        assert await asked(deps, CARD, trick) == 403
    for model in ("cloud", "auto/loose"):
        assert await asked(deps, CARD, model=model) == 403
    assert await asked(deps, CARD, model="gpt-4.1") == 200
    assert await asked(deps, HELLO, tagged("legal", upstream="cloud")) == 403


async def on_the_side(deps: Dependencies) -> None:
    """Judges, shadows and the like of one exchange that may leave, and of one that may not."""
    for origin in (Origin.JUDGE, Origin.SHADOW, Origin.PANEL):
        planned = PlannedCall(number=0, step=0, upstream="cloud", reason=Reason.FIRST, held=True, origin=origin)
        free = opened_exchange(id=f"free-{origin}", started_at=deps.clock_us())
        call = OpenCall(deps, free, chat(HELLO), planned)
        await call.run(lambda event: None)
        deps.store.append(free)
        assert _refused(deps, planned)


def _refused(deps: Dependencies, planned: PlannedCall) -> bool:
    try:
        OpenCall(deps, opened_exchange(local_only=True), chat(CARD), planned)
    except Forbidden:
        return True
    return False


async def _paused_hour(deps: Dependencies) -> None:
    assert await asked(deps, HELLO) == 200
    assert await asked(deps, CARD) == 200
    assert await asked(deps, HELLO, tagged("legal")) == 200


async def play_day(deps: Dependencies, clock: Clock) -> Dependencies:
    """Twenty-four hours of it, two of them paused, then calls on the side; returns `deps` as they are afterwards."""
    for hour in range(24):
        if hour == 12:
            deps = replace(deps, paused=lambda key: True)
        if hour == 14:
            deps = replace(deps, paused=lambda key: False)
        await one_hour(deps, hour) if not deps.paused("") else await _paused_hour(deps)
        clock.advance(HOUR)
    await on_the_side(deps)
    near = closed("rack", started_at=NOON + HOUR * SECOND)  # a private address that nobody can have in a test
    near.attempts = [
        structs.replace(a, egress="private", host="10.1.2.3:8000", started_at=near.started_at) for a in near.attempts
    ]
    deps.store.append(near)
    return deps


def reported(deps: Dependencies, allowed: dict[str, tuple[str, ...]], by: str | None = None) -> Privacy:
    return privacy(deps.store, Question(NOON - HOUR * SECOND, NOON + 25 * HOUR * SECOND, by), allowed)


def shown(deps: Dependencies) -> str:
    """The report as `smallfirst report privacy` prints it; the scripted servers' ports, which vary, as 80."""
    report = reported(deps, {"team=legal": ("local",)})
    named = tuple(replace(one, host=re.sub(r":\d+$", ":80", one.host)) for one in report.processors)
    return as_table(page(replace(report, processors=named)))
