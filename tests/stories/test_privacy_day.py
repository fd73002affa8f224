"""A day of mixed traffic, its clock wound by hand: every class of egress is tried, and the report proves what left."""

import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from router.core.egress import Egress
from router.core.errors import Forbidden
from router.core.exchange import Origin, Reason
from router.core.ports import Upstream
from router.core.prices import FREE
from router.core.recording import Recording
from router.core.upstream import UpstreamSpec
from router.pipeline.calls import OpenCall
from router.pipeline.deciding import Wishes
from router.pipeline.errand import Errand
from router.pipeline.kit import Entrypoint, Kit
from router.pipeline.line import Line
from router.reports.privacy import Privacy, privacy
from router.reports.privacy_page import page
from router.reports.question import Question
from router.reports.render import as_table
from router.upstreams import build
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeKit, make_kit
from tests.pipeline.parts import Client, chat, opened_exchange, read_policy
from tests.store.records import NOON, SECOND, closed

__all__ = ["make_kit"]  # the fixture of the line's own tests

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


def world(scripted: Scripted) -> dict[str, Upstream]:
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


@pytest.fixture
async def kit(scripted: Scripted, make_kit: MakeKit) -> AsyncIterator[Kit]:
    upstreams = world(scripted)
    specs = {name: upstream.spec for name, upstream in upstreams.items()}
    policies = {name: read_policy(text, specs) for name, text in (("private", POLICY), ("loose", LOOSE))}
    made = make_kit(scripted(), scripted(), "policy: x\notherwise: {plan: [small]}\n")
    settings = replace(
        made.settings,
        baseline="cloud",
        default_policy="private",
        egress={"team=legal": frozenset({"small", "farm"})},
        entrypoints={"gpt-4.1": Entrypoint("private", "cloud")},
    )
    yield replace(made, upstreams=upstreams, policies=policies, settings=settings)
    for upstream in upstreams.values():
        await upstream.aclose()


async def asked(kit: Kit, text: str, wishes: Wishes = Wishes(), **body: Any) -> int:  # noqa: B008 - frozen
    line, client = Line(kit), Client()
    await line.handle(line.open(), chat(text, **body), wishes, client)
    return client.started.status


def tagged(team: str, **more: Any) -> Wishes:
    return Wishes(tags={"team": team}, **more)


async def one_hour(kit: Kit, hour: int) -> None:
    """What comes in an hour: plain words, a card, every team, and those who try to get a card out."""
    session = f"hour-{hour}"
    assert await asked(kit, HELLO, Wishes(session=session)) == 200
    assert await asked(kit, CARD, Wishes(session=session)) == 200
    assert await asked(kit, HELLO, Wishes(local_only=True, session=session)) == 200
    assert await asked(kit, HELLO, tagged("legal", session=session)) == 200
    for team in ("search", "sheet", "own"):
        assert await asked(kit, HELLO, tagged(team, session=session)) == 200
    assert await asked(kit, HELLO, model="cloud") == 200
    for trick in (Wishes(upstream="cloud"), Wishes(policy="loose")):
        assert await asked(kit, CARD, trick) == 403
    for model in ("cloud", "auto/loose"):
        assert await asked(kit, CARD, model=model) == 403
    assert await asked(kit, CARD, model="gpt-4.1") == 200
    assert await asked(kit, HELLO, tagged("legal", upstream="cloud")) == 403


async def on_the_side(kit: Kit) -> None:
    """Judges, shadows and the like of one exchange that may leave, and of one that may not."""
    for origin in (Origin.JUDGE, Origin.SHADOW, Origin.CLASSIFY, Origin.PANEL, Origin.EXPLORE):
        errand = Errand(number=0, step=0, upstream="cloud", reason=Reason.FIRST, held=True, origin=origin)
        free = opened_exchange(id=f"free-{origin}", started_at=kit.clock_us())
        call = OpenCall(kit, free, chat(HELLO), errand)
        await call.run(lambda event: None)
        kit.store.append(free)
        with pytest.raises(Forbidden):
            OpenCall(kit, opened_exchange(local_only=True), chat(CARD), errand)


def reported(kit: Kit, allowed: dict[str, tuple[str, ...]], by: str | None = None) -> Privacy:
    return privacy(kit.store, Question(NOON - HOUR * SECOND, NOON + 25 * HOUR * SECOND, by), allowed)


async def test_a_day_in_which_every_way_out_was_tried(kit: Kit) -> None:
    clock: Any = kit.clock_us
    for hour in range(24):
        if hour == 12:
            kit = replace(kit, paused=lambda key: True)
        if hour == 14:
            kit = replace(kit, paused=lambda key: False)
        await one_hour(kit, hour) if not kit.paused("") else await _paused_hour(kit)
        clock.advance(HOUR)
    await on_the_side(kit)
    near = closed("rack", started_at=NOON + HOUR * SECOND)  # a private address that nobody can have in a test
    near.attempts = [
        replace(a, egress="private", host="10.1.2.3:8000", started_at=near.started_at) for a in near.attempts
    ]
    kit.store.append(near)

    report = reported(kit, {"team=legal": ("local",)})
    assert report.violations == ()
    assert {one.egress for one in report.processors} == {egress.value for egress in Egress}
    assert report.unproven == 0
    out = [one for one in report.processors if one.egress == "remote"]
    assert {one.host.partition(":")[0] for one in out} == {"api.big.example"}
    assert {one.origin for one in out} >= {"serve", "judge", "shadow", "classify", "panel", "explore"}
    assert sum(one.must_stay for one in out) == sum(one.detected for one in out) == 0
    home = [one for one in report.processors if one.local]
    assert sum(one.must_stay for one in home) >= 24 * 3
    assert sum(one.detected for one in home) >= 24
    text = as_table(page(report))
    assert text.splitlines()[1].startswith("No violation recorded")

    stricter = reported(
        kit, {"team=legal": ("local",), "team=search": ("local",), "team=own": ("local",)}, by="tag.team"
    )
    # Seen from a stricter list: the search team's hold-out went to the provider, its own code who knows where.
    assert {one.rule for one in stricter.violations} == {"team=search", "team=own"}
    assert page(stricter).sheets[0].title == "Went where it must not"
    assert {"", "legal", "search", "sheet", "own"} == {one.group for one in stricter.processors}


async def _paused_hour(kit: Kit) -> None:
    assert await asked(kit, HELLO) == 200
    assert await asked(kit, CARD) == 200
    assert await asked(kit, HELLO, tagged("legal")) == 200
