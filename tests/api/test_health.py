"""Alive, ready, and the numbers, each without asking any upstream."""

from dataclasses import replace

import pytest

from router.core.upstream import UpstreamState
from tests.api.conftest import Door


async def test_alive_is_alive_whatever_the_upstreams_are(door: Door) -> None:
    door.runtime.states = {}
    assert (await door.http.get("/healthz")).json() == {"status": "ok"}


async def test_ready_when_one_can_answer_with_the_phase_of_each(door: Door) -> None:
    door.runtime.states = {"small": UpstreamState("loading"), "big": UpstreamState("busy")}
    reply = await door.http.get("/readyz")
    assert reply.status_code == 200
    assert reply.json() == {
        "status": "ready",
        "upstreams": {"small": "loading", "big": "busy"},
        "config": door.runtime.config.digest,
        "abilities": {name: {"server": None, "lacks": [], "learnt": []} for name in ("small", "big")},
    }


async def test_not_ready_when_none_can(door: Door) -> None:
    door.runtime.states = {"small": UpstreamState("loading"), "big": UpstreamState("failing")}
    reply = await door.http.get("/readyz")
    assert (reply.status_code, reply.json()["status"]) == (503, "not ready")


async def test_a_refused_configuration_is_told_until_it_is_mended(door: Door) -> None:
    door.runtime.last_refusal = "/srv/config.yaml:3: 'stoer' …"
    told = (await door.http.get("/readyz")).json()["refused_config"]
    assert "was refused" in told
    assert "config.yaml" not in told  # nobody needs a key to read this


async def test_looking_costs_the_upstreams_nothing(door: Door) -> None:
    before = len(door.small.probes)
    for path in ("/healthz", "/readyz", "/metrics"):
        await door.http.get(path)
    assert (len(door.small.probes), door.small.requests) == (before, [])


async def test_the_metrics_are_prometheus_text(door: Door) -> None:
    reply = await door.http.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "# TYPE smallfirst_requests_total counter" in reply.text


async def test_metrics_that_are_off_say_how_to_turn_them_on(door: Door) -> None:
    config = door.runtime.config
    door.runtime.config = replace(config, telemetry=replace(config.telemetry, metrics=False))
    reply = await door.http.get("/metrics")
    assert reply.status_code == 404
    assert "telemetry" in reply.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
@pytest.mark.parametrize("headers", [{"host": "evil.example:4000"}, {"origin": "https://evil.example"}])
async def test_in_the_open_mode_no_web_page_reads_what_is_spent(door: Door, path: str, headers: dict[str, str]) -> None:
    assert (await door.http.get(path, headers=headers)).status_code == 403
    assert (await door.http.get("/healthz", headers=headers)).status_code == 200


async def test_where_keys_are_required_metrics_are_read_from_anywhere(door: Door) -> None:
    door.runtime.config = replace(door.runtime.config, auth="required")
    for path in ("/readyz", "/metrics"):
        assert (await door.http.get(path, headers={"host": "router.internal:4000"})).status_code == 200


async def test_a_pause_is_told_by_readiness_and_metrics_without_a_keys_name(door: Door) -> None:
    assert "smallfirst_paused 0.0" in (await door.http.get("/metrics")).text
    door.runtime.pause.set("team-search")
    told = (await door.http.get("/readyz")).json()
    assert (told["status"], told["paused"]) == ("ready", "1 key")
    assert "smallfirst_paused 1.0" in (await door.http.get("/metrics")).text
    door.runtime.pause.set()
    assert (await door.http.get("/readyz")).json()["paused"] == "everyone"
