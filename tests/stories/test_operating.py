"""What an operator does: pause, resume, reload, look."""

import json
from pathlib import Path

from router.cli.main import main
from tests.conftest import OpenHouse, Scripted

STAYS_HOME = """
policy: balanced
rules:
  - {name: mail-stays, when: "entrypoint == 'mail'", plan: [small], local_only: true}
otherwise: {plan: [small, big]}
"""
ENTRYPOINT = "entrypoints: {mail: {policy: balanced, baseline: big}}\n"


def test_a_pause_sends_all_but_local_only_to_the_baseline_until_it_ends(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    house = open_house({"small": scripted(), "big": scripted()}, policy=STAYS_HOME, extra=ENTRYPOINT)
    config = str(house.runtime.config.path)

    assert main(["pause", "--config", config]) == 0
    house.refresh()
    paused = [house.ask().headers["x-router-upstream"], house.ask(model="mail").headers["x-router-upstream"]]
    assert main(["resume", "--config", config]) == 0
    house.refresh()
    resumed = house.ask().headers["x-router-upstream"]

    assert paused == ["big", "small"]
    assert resumed == "small"
    assert [e["paused"] for e in house.ledger("exchanges")] == [True, True, False]


def test_a_pause_covers_who_names_an_upstream_and_route_says_the_same(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    house = open_house({"small": small, "big": big})
    assert main(["pause", "--config", str(house.runtime.config.path)]) == 0
    house.refresh()

    by_model, by_header = house.ask(model="small"), house.ask(headers={"x-router-upstream": "small"})
    told = house.http.post("/v1/route", json={"model": "small", "messages": [{"role": "user", "content": "hi"}]}).json()

    for reply in (by_model, by_header):
        assert (reply.headers["x-router-upstream"], reply.headers["x-router-rule"]) == ("big", "named")
    assert small.requests == []
    assert (told["first"], told["paused"], told["mode"]) == ("big", True, "paused")
    assert told["reasons"][-1]["why"] == "paused: the baseline answers until `smallfirst resume`"
    rows = house.ledger("exchanges")
    assert [(row["paused"], row["named"], row["upstream"]) for row in rows] == [(True, True, "big")] * 2


def test_a_good_change_is_taken_up_and_a_bad_one_leaves_the_last_good(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    policy = Path(house.folder / "policies" / "balanced.yaml")

    policy.write_text("policy: balanced\notherwise: {plan: [big]}\n")
    house.reload()
    assert house.ask().headers["x-router-upstream"] == "big"

    policy.write_text("policy: balanced\nrulez: []\notherwise: {plan: [nobody]}\n")
    refusal = house.reload()
    assert "rulez" in refusal
    assert "nobody" in refusal
    assert house.ask().headers["x-router-upstream"] == "big"


def test_an_upstream_asked_for_by_name_is_not_routed(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()})

    reply = house.ask(model="big")

    assert reply.headers["x-router-upstream"] == "big"
    assert reply.headers["x-router-rule"] == "named"


def test_the_models_page_lists_what_a_client_may_write(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()}, extra=ENTRYPOINT)

    names = [model["id"] for model in house.http.get("/v1/models").json()["data"]]

    assert {"auto", "auto/balanced", "mail", "small", "big"} <= set(names)
    assert house.http.get("/v1/models/auto/balanced").json()["id"] == "auto/balanced"
    assert house.http.get("/v1/models/nope").status_code == 404


def test_route_says_where_a_request_would_go_and_sends_nothing(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    house = open_house({"small": small, "big": big})

    told = house.http.post("/v1/route", json={"model": "auto", "messages": [{"role": "user", "content": "hi"}]}).json()

    assert told["first"] == "small"
    assert told["rule"] == "otherwise"
    assert told["prices"]["big"]["state"] == "known"
    assert small.requests == big.requests == []


def test_health_readiness_and_metrics(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    house.ask()

    assert house.http.get("/healthz").json() == {"status": "ok"}
    assert house.http.get("/readyz").json()["upstreams"]["small"] == "ready"
    assert 'smallfirst_requests_total{outcome="answered",upstream="small"} 1.0' in house.http.get("/metrics").text


def test_explain_tells_of_a_request_by_its_id(scripted: Scripted, open_house: OpenHouse, capsys) -> None:  # type: ignore[no-untyped-def]
    house = open_house({"small": scripted(), "big": scripted()})
    request_id = house.ask("What is 2+2?").headers["x-request-id"]
    house.ledger("exchanges")

    assert main(["explain", request_id, "--config", str(house.runtime.config.path), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert told["upstream"] == "small"
    score = told["p_good"]
    total = (
        score["base_value"] + sum(v for _, v in score["task_terms"]) + sum(c["adds"] for c in score["contributions"])
    )
    assert abs(total - score["raw"]) < 1e-6
    assert abs(score["calibrated"] - score["value"]) < 1e-6
