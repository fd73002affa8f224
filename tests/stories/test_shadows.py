"""Plans tried out in the shadow of the baseline: the client has its answer, and the ledger learns another."""

from typing import Any

import pytest

from router.cli.main import main
from tests.conftest import OpenHouse, Scripted
from tests.standins.house import House
from tests.standins.scripted import ScriptedUpstream

SUM = "What is 6 times 7? Answer with a number."
OBSERVE = """
policy: balanced
mode: observe
otherwise:
  plan:
    - {upstream: small, judges: [structure, refusal]}
    - big
"""
PANEL = """
policy: balanced
promise: {max_loss: 0.02}
shadow: {share: 1}
rules:
  - name: let-them-confer
    when: keep_cut > 0 and checkable
    plan: [{panel: local, judges: [structure, refusal, verifier], ask: at_once}, big]
  - name: likely-good
    when: p_good >= cut
    plan: [{upstream: small, judges: [structure, refusal]}, big]
otherwise: {plan: [big]}
"""


@pytest.fixture
def models(scripted: Scripted) -> dict[str, ScriptedUpstream]:
    made = {name: scripted() for name in ("small", "second", "third", "big")}
    made["big"].says("It is 42.")
    return made


def verdicts_of(house: House, **where: Any) -> list[dict[str, Any]]:
    return sorted(house.ledger("verdicts", **where), key=lambda row: int(row["seq"]))


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_the_baseline_answers_and_the_small_one_is_tried_out_afterwards(
    stream: bool, models: dict[str, ScriptedUpstream], open_house: OpenHouse
) -> None:
    models["small"].says("42, of course")
    house = open_house({name: models[name] for name in ("small", "big")}, policy=OBSERVE)

    reply = house.ask(SUM, stream=stream)
    house.settle()

    assert (reply.headers["x-router-upstream"], reply.headers["x-router-attempts"]) == ("big", "1")
    assert house.calls() == [("big", "serve", "first", None), ("small", "shadow", "first", None)]
    (exchange,) = house.ledger("exchanges")
    assert (exchange["upstream"], exchange["shadow"], exchange["p_kept"]) == ("big", "kept", None)
    tried = {row["id"]: row for row in house.ledger("attempts", origin="shadow")}
    verdicts = verdicts_of(house)
    assert [(row["judge"], row["action"]) for row in verdicts] == [("structure", "accept"), ("refusal", "accept")]
    assert {row["attempt"] for row in verdicts} == set(tried)
    assert all(row["local_only"] and row["ended_at"] for row in tried.values())
    assert exchange["baseline_source"] == "measured"
    graded = [(row["small"], row["small_quality"], row["big_quality"]) for row in house.ledger("labels")]
    assert graded == [("small", 1.0, 1.0)]
    assert len(exchange["question"]) == 16


def test_where_judges_object_the_plan_would_have_moved_on_and_big_is_not_asked_again(
    models: dict[str, ScriptedUpstream], open_house: OpenHouse
) -> None:
    models["small"].says("I'm sorry, but I cannot help with that.")
    house = open_house({name: models[name] for name in ("small", "big")}, policy=OBSERVE)
    house.ask(SUM)
    house.settle()
    (exchange,) = house.ledger("exchanges")
    assert (exchange["shadow"], exchange["escalated"]) == ("escalated", None)
    assert len(models["big"].requests) == 1


def test_a_small_model_that_is_down_harms_nobody_and_is_told_apart(
    models: dict[str, ScriptedUpstream], open_house: OpenHouse
) -> None:
    models["small"].fails(500)
    house = open_house({name: models[name] for name in ("small", "big")}, policy=OBSERVE)
    reply = house.ask(SUM)
    house.settle()
    assert reply.status_code == 200
    (exchange,) = house.ledger("exchanges")
    assert (exchange["shadow"], exchange["outcome"], exchange["fallback"]) == ("fallback", "answered", None)


def test_on_an_unknown_task_big_answers_while_the_panel_confers_and_its_votes_are_counted(
    models: dict[str, ScriptedUpstream], open_house: OpenHouse
) -> None:
    for name, text in (("small", "41"), ("second", "42"), ("third", "42")):
        models[name].says(text)
    house = open_house(models, policy=PANEL)

    reply = house.ask(SUM)
    house.settle()

    assert (reply.headers["x-router-upstream"], reply.headers["x-router-rule"]) == ("big", "otherwise")
    assert [row[:3] for row in house.calls()] == [
        ("big", "serve", "first"), ("small", "shadow", "panel"), ("second", "shadow", "panel"),
        ("third", "shadow", "panel"),
    ]  # fmt: skip
    (exchange,) = house.ledger("exchanges")
    assert exchange["shadow"] == "escalated"  # nobody knows yet what two of three are worth, so none is kept
    last = verdicts_of(house, judge="verifier")[-1]
    assert (last["stage"], last["support"], last["score"]) == (3, 2, None)
    best = {row["id"]: row["upstream"] for row in house.ledger("attempts")}[last["attempt"]]
    assert best == "second"  # the untrained order: most votes, then the strongest
    assert [len(one["by"]) for one in last["heard"]] == [2, 1]
    labels = {row["small"]: row for row in house.ledger("labels")}
    assert {name: row["small_quality"] for name, row in labels.items()} == {"small": 0.0, "second": 1.0, "third": 1.0}
    assert {row["who"] for row in labels.values()} == {"agreement"}
    assert "tried out" in [reason["outcome"] for reason in exchange["reasons"]]


def test_explain_shows_what_was_tried_out_and_the_reports_what_would_have_come_of_it(
    models: dict[str, ScriptedUpstream], open_house: OpenHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("small", "second", "third"):
        models[name].says("42")
    house = open_house(models, policy=PANEL.replace("promise", "keep_cut: 0.6\npromise"))
    id_ = house.ask(SUM).headers["x-request-id"]
    house.settle()
    assert house.ledger("exchanges")[0]["shadow"] == "kept"
    house.close()

    assert main(["explain", id_, "--config", str(house.folder / "config.yaml")]) == 0
    said = capsys.readouterr().out
    assert "in the shadow, after the answer had gone out: kept" in said
    assert "2 heard  accept" in said
    assert main(["report", "savings", "--config", str(house.folder / "config.yaml")]) == 0
    assert "In the shadow of the baseline" in capsys.readouterr().out


def test_what_answers_cannot_be_compared_is_tried_out_by_the_next_rule(
    models: dict[str, ScriptedUpstream], open_house: OpenHouse
) -> None:
    models["small"].says("Waves, again.")
    house = open_house(models, policy=PANEL)
    house.ask("Write a haiku about rain.")
    house.settle()
    assert [row[0] for row in house.calls()] == ["big", "small"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ("mode: act", "it acted"),
        ("holdout: 1", "held out"),
        ("shadow: {share: 0}", "no share"),
    ],
)
def test_nobody_is_tried_out_where_the_policy_acts_holds_out_or_wants_none(
    changes: str, why: str, models: dict[str, ScriptedUpstream], open_house: OpenHouse
) -> None:
    models["small"].says("42")
    policy = OBSERVE.replace("mode: observe", changes if changes.startswith("mode") else f"mode: observe\n{changes}")
    house = open_house({name: models[name] for name in ("small", "big")}, policy=policy)
    house.ask(SUM)
    house.settle()
    assert house.ledger("attempts", origin="shadow") == [], why
    assert house.ledger("exchanges")[0]["shadow"] == ""


def test_what_must_stay_local_and_what_a_client_named_is_not_tried_out(
    models: dict[str, ScriptedUpstream], open_house: OpenHouse
) -> None:
    models["small"].says("42")
    house = open_house({name: models[name] for name in ("small", "big")}, policy=OBSERVE)
    house.ask(SUM, headers={"x-router-local-only": "1"})
    house.ask(SUM, model="big")
    house.settle()
    assert [row[:2] for row in house.calls()] == [("small", "serve"), ("big", "serve")]


def test_an_upstream_that_is_not_local_is_never_asked_in_the_shadow(
    models: dict[str, ScriptedUpstream], open_house: OpenHouse
) -> None:
    far = OBSERVE.replace("upstream: small", "panel: [small, big]")
    models["small"].says("42")
    house = open_house({name: models[name] for name in ("small", "big")}, policy=far)
    house.ask(SUM)
    house.settle()
    assert [row[:2] for row in house.calls()] == [("big", "serve"), ("small", "shadow")]
