"""Everything tried to make a `local_only` request leave; nothing does."""

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

import router
from router.core.entrypoint import Entrypoint
from router.core.errors import Forbidden
from router.core.exchange import Origin, Reason
from router.core.ports import Upstream
from router.core.upstream import UpstreamSpec
from router.pipeline.calls import OpenCall
from router.pipeline.dependencies import Dependencies
from router.pipeline.options import RequestOptions
from router.pipeline.pipeline import Pipeline
from router.pipeline.planned_call import PlannedCall
from router.pipeline.sessions import Turn
from router.upstreams import build
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import Client, chat, opened_exchange

STAYS = """
policy: balanced
rules:
  - {name: stays-home, when: has_pii, plan: [{upstream: small, judges: [structure, refusal]}], local_only: true}
otherwise: {plan: [{upstream: small, judges: [structure, refusal]}, big]}
explore: 0.9
holdout: 0.9
"""
CARD = "My card is 4111 1111 1111 1111"
HOME = RequestOptions(local_only=True)


async def served(deps: Dependencies, request: Any, options: RequestOptions = RequestOptions()) -> Client:  # noqa: B008 - frozen
    pipeline, client = Pipeline(deps), Client()
    await pipeline.handle(pipeline.open(), request, options, client)
    return client


def rows(deps: Dependencies) -> list[tuple[str, bool, bool]]:
    return [(row["upstream"], row["local"], row["local_only"]) for row in deps.store.find("attempts")]


@pytest.mark.parametrize("origin", list(Origin))
@pytest.mark.parametrize("reason", [Reason.FIRST, Reason.FALLBACK, Reason.ESCALATION])
async def test_no_origin_and_no_reason_sends_out_what_must_stay(
    origin: Origin, reason: Reason, scripted: Scripted, make_deps: MakeDeps
) -> None:
    big = scripted()
    deps = make_deps(scripted(), big)
    planned = PlannedCall(number=0, step=0, upstream="big", reason=reason, held=True, origin=origin)
    with pytest.raises(Forbidden):
        OpenCall(deps, opened_exchange(local_only=True), chat(), planned)
    assert deps.store.find("attempts") == []
    assert big.requests == []


@pytest.mark.parametrize("fault", ["fails", "drops", "garbage", "errs_in_band", "refuses", "redirects", "down"])
@pytest.mark.parametrize("stream", [False, True])
async def test_no_failure_of_the_local_one_sends_it_on(
    fault: str, stream: bool, scripted: Scripted, make_deps: MakeDeps
) -> None:
    small, big = scripted(), scripted()
    acts: dict[str, Any] = {
        "fails": lambda: small.fails(500),
        "refuses": lambda: small.says("I'm sorry, but I cannot help with that."),
        "redirects": lambda: small.redirects(big.url + "/chat/completions"),
        "down": small.down,
    }
    (acts[fault] if fault in acts else getattr(small, fault))()
    deps = make_deps(small, big, STAYS)
    await served(deps, chat(CARD, stream=stream))
    assert big.requests == []
    assert rows(deps)
    assert {(name, stays) for name, stays, _ in rows(deps)} == {("small", True)}
    if fault == "down":
        small.up()


@pytest.mark.parametrize("n", range(12))
async def test_no_draw_sends_it_out(n: int, scripted: Scripted, make_deps: MakeDeps) -> None:
    big = scripted()
    deps = make_deps(scripted(), big, STAYS)
    await served(deps, chat(CARD), RequestOptions(session=f"conversation-{n}"))
    await served(deps, chat("hello"), msgspec.structs.replace(HOME, session=f"conversation-{n}"))
    assert big.requests == []
    assert rows(deps) == [("small", True, True)] * 2


async def test_no_pause_sends_it_out(scripted: Scripted, make_deps: MakeDeps) -> None:
    big = scripted()
    deps = make_deps(scripted(), big, STAYS, paused=lambda key: True)
    await served(deps, chat(CARD))
    await served(deps, chat("hello"), HOME)
    assert big.requests == []


async def test_no_earlier_answer_of_the_big_one_pins_it_there(scripted: Scripted, make_deps: MakeDeps) -> None:
    big = scripted()
    deps = make_deps(scripted(), big, STAYS)
    turns = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "ho"},
        {"role": "user", "content": CARD},
    ]
    loop = [*turns, {"role": "assistant", "tool_calls": []}, {"role": "tool", "tool_call_id": "c", "content": "x"}]
    for messages in (turns, loop):
        exchange = opened_exchange(session="s")
        deps.sessions.note("s", Turn("big", deps.clock_us()))
        await Pipeline(deps).handle(exchange, chat(messages=messages), RequestOptions(session="s"), Client())
    assert big.requests == []


NAMES: list[tuple[dict[str, Any], RequestOptions]] = [
    ({"model": "big"}, RequestOptions()),
    ({"model": "auto"}, RequestOptions(upstream="big")),
    ({"model": "small"}, RequestOptions(upstream="big")),
    ({"model": "gpt-4.1"}, RequestOptions(upstream="big")),
    ({"local_only": False, "metadata": {"local_only": "false"}}, RequestOptions(upstream="big")),
]


@pytest.mark.parametrize(("body", "options"), NAMES)
async def test_no_name_and_no_flag_of_the_client_sends_it_out(
    body: dict[str, Any], options: RequestOptions, scripted: Scripted, make_deps: MakeDeps
) -> None:
    big = scripted()
    deps = make_deps(scripted(), big, STAYS, settings={"entrypoints": {"gpt-4.1": Entrypoint("balanced", "big")}})
    client = await served(deps, chat(CARD, **body), options)
    assert client.started.status == 403
    client = await served(deps, chat("hello", **body), msgspec.structs.replace(options, local_only=True))
    assert client.started.status == 403
    assert big.requests == []


async def test_a_model_that_a_cloud_runs_is_not_local_whatever_its_row_says(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    small = scripted()
    deps = make_deps(small, scripted(), STAYS, facts={"small.cloud": "ollama.com"})
    client = await served(deps, chat(CARD))
    assert client.started.status == 403
    assert small.requests == []
    await served(deps, chat("hello", model="small"))
    (row,) = deps.store.find("attempts", upstream="small")
    assert (row["local"], row["egress"], row["host"]) == (False, "remote", "ollama.com")


async def test_code_of_the_operators_own_without_an_address_is_not_believed(
    make_deps: MakeDeps, scripted: Scripted
) -> None:
    deps = make_deps(scripted(), scripted())
    own: Upstream = build(UpstreamSpec("own", "router.upstreams.recorded:Recorded", "m", local=True), {})
    deps = replace(deps, upstreams={**deps.upstreams, "own": own})
    assert not deps.stays("own")


async def test_the_row_says_where_it_went_as_checked_when_it_was_sent(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, big = scripted(), scripted()
    small.fails(500)
    deps = make_deps(small, big)
    await served(deps, chat("hello"), RequestOptions(tags={"team": "legal"}))
    found = {row["upstream"]: row for row in deps.store.find("attempts")}
    for name, upstream in (("small", small), ("big", big)):
        row = found[name]
        assert (row["egress"], row["host"], row["peer"]) == ("loopback", f"127.0.0.1:{upstream.port}", "127.0.0.1")
        assert (row["local"], row["local_only"], row["tags"]) == (name == "small", False, {"team": "legal"})


def calls_made_in(path: Path) -> bool:
    """Whether a file makes a `Call` that an upstream could send."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = any(
        isinstance(node, ast.ImportFrom)
        and node.module == "router.core.upstream"
        and any(a.name == "Call" for a in node.names)
        for node in ast.walk(tree)
    )
    return named and any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Call"
        for node in ast.walk(tree)
    )


def test_there_is_one_place_that_makes_calls() -> None:
    root = Path(router.__file__).parent
    makers = {path.relative_to(root).as_posix() for path in root.rglob("*.py") if calls_made_in(path)}
    assert {maker for maker in makers if not maker.startswith("upstreams/")} == {"pipeline/calls.py"}
