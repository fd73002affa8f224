"""`smallfirst explain`: a text before, an id after, and nothing sent to anyone."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from router.cli import explain
from router.config import load_config
from router.core.exchange import Origin, Outcome
from router.core.prices import Usage
from router.runtime.building import build_store
from tests.cli.conftest import Shell
from tests.conftest import OpenHouse, Scripted
from tests.standins.house import write_house
from tests.standins.scripted import ScriptedUpstream
from tests.store.records import NOON, Clock, closed, ended


@pytest.fixture
def small(scripted: Scripted) -> ScriptedUpstream:
    return scripted()


@pytest.fixture
def desk(shell: Shell, small: ScriptedUpstream, scripted: Scripted) -> Shell:
    write_house(shell.folder, {"small": small, "big": scripted()})
    return shell


def test_a_text_is_told_where_it_would_go_and_why(desk: Shell, small: ScriptedUpstream) -> None:
    said = desk.run(explain, "explain", "What is 2 + 2?")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("would go to small: balanced@")
    assert "rule otherwise" in said.out
    assert "does-not-fit" in said.out
    assert "p_good 0." in said.out
    assert "big " in said.out.partition("what it would cost")[2]
    assert small.requests == []


def test_every_contribution_is_shown_when_asked_for_and_they_add_up(desk: Shell) -> None:
    short = desk.run(explain, "explain", "What is 2 + 2?").out
    long = desk.run(explain, "explain", "What is 2 + 2?", "--all").out
    assert "smaller contributions" in short
    assert "smaller contributions" not in long
    assert "task mean: all tasks" in short
    assert "task mean: this small model" in short
    told = json.loads(desk.run(explain, "explain", "What is 2 + 2?", "--format", "json").out)["p_good"]
    terms = [told["base_value"], *(value for _, value in told["task_terms"])]
    total = sum(terms) + sum(part["adds"] for part in told["contributions"])
    assert total == pytest.approx(told["raw"], abs=1e-6)
    assert told["calibrated"] == pytest.approx(told["value"], abs=1e-6)


def test_an_upstream_by_its_name_is_told_as_such(desk: Shell) -> None:
    said = desk.run(explain, "explain", "hi", "--model", "big")
    assert said.out.startswith("would go to big: no policy, rule named")
    assert "p_good: not computed" in said.out


def test_an_id_that_no_row_has_is_told_apart_from_a_text(desk: Shell) -> None:
    said = desk.run(explain, "explain", "0198c0de-0000-7000-8000-000000000000")
    assert (said.status, said.out) == (1, "")
    assert "x-request-id" in said.err


def test_a_request_that_escalated_is_told_with_its_verdicts_attempts_and_costs(
    scripted: Scripted, open_house: OpenHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    small = scripted()
    small.says("I'm sorry, but I cannot help with that.")
    house = open_house({"small": small, "big": scripted()})
    asked = house.ask("What is 2+2?").headers["x-request-id"]
    house.ledger("exchanges")

    said = Shell(Path(house.folder), capsys).run(explain, "explain", asked)

    assert said.status == 0
    assert f"exchange {asked}: answered by big" in said.out
    assert "escalated: refusal" in said.out
    attempts = said.out.partition("\nattempts\n")[2].partition("\nverdicts\n")[0].splitlines()
    assert [line.split()[1:3] for line in attempts] == [["small", "first"], ["big", "escalation"]]
    assert "7 in, 3 out" in attempts[0]
    assert "refusal" in said.out.partition("\nverdicts\n")[2]
    assert "at the baseline big" in said.out


def test_a_request_that_no_rule_saw_is_told_without_a_rule_and_a_plan(
    scripted: Scripted, open_house: OpenHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    asked = house.http.post("/v1/chat/completions", json={"model": "auto"}).headers["x-request-id"]
    house.ledger("exchanges")

    said = Shell(Path(house.folder), capsys).run(explain, "explain", asked)

    first, second, *rest = said.out.splitlines()
    assert first == f"exchange {asked}: refused: missing_required_parameter"
    assert second == "  before any rule was looked at"
    assert "why" not in rest


def test_a_prompt_that_was_cut_is_told_with_what_its_server_counted(
    shell: Shell, small: ScriptedUpstream, open_house: OpenHouse, scripted: Scripted
) -> None:
    usage = {"prompt_tokens": 4096, "completion_tokens": 3, "total_tokens": 4099}
    small.says("half a question", usage=usage)
    house = open_house({"small": small, "big": scripted()}, policy="policy: balanced\notherwise: {plan: [small]}\n")
    house.runtime.upstreams["small"]._fits = lambda call: True  # type: ignore[attr-defined]
    served = house.ask("word " * 9000).headers["x-router-exchange"]
    house.ledger("exchanges")
    said = shell.run(explain, "explain", served).out
    assert "  truncated: small counted 4,096 tokens of a longer prompt; it had cut it\n" in said
    assert "  served all the same: counted as a loss, and nothing learns from it\n" in said


def test_an_attempt_is_told_with_what_was_cached_and_what_was_only_tried_out(desk: Shell) -> None:
    exchange = closed("big", overhead_ms=1.0)
    usage = Usage(input=2, cached=8, output=3, reasoning=4)
    exchange.attempts = [
        ended(exchange.id, "big", usage=usage),
        ended(exchange.id, "small", origin=Origin.SHADOW),
    ]
    store = build_store(load_config(desk.folder / "config.yaml", environ={}), Clock())
    store.append(exchange)
    store.close()
    said = desk.run(explain, "explain", exchange.id)
    attempts = said.out.partition("\nattempts\n")[2].splitlines()
    assert "10 in (8 cached), 7 out (4 reasoning)" in attempts[0]
    assert attempts[1].split()[1:3] == ["small", "shadow"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "at the baseline big 0.003500000 USD (predicted, if its answer were as long)"),
        ({"local_only": True, "baseline_cost": None, "baseline_source": ""}, "no baseline: it had to stay local"),
        (
            {"outcome": Outcome.FAILED, "baseline_cost": None, "baseline_source": ""},
            "nothing to compare it with at the baseline big: no answer",
        ),
    ],
)
def test_what_the_baseline_would_have_cost_is_called_what_it_is(
    changes: dict[str, Any], told: str, desk: Shell
) -> None:
    exchange = closed("small", overhead_ms=1.0, **changes)
    store = build_store(load_config(desk.folder / "config.yaml", environ={}), Clock())
    store.append(exchange)
    store.close()
    said = desk.run(explain, "explain", exchange.id)
    assert told in said.out


def test_an_exchange_whose_process_died_is_told_as_one(desk: Shell) -> None:
    died = closed(outcome=Outcome.INTERRUPTED, error="interrupted", ended_at=NOON + 1, total_ms=None, overhead_ms=None)
    store = build_store(load_config(desk.folder / "config.yaml", environ={}), Clock())
    store.append(died)
    store.close()
    said = desk.run(explain, "explain", died.id)
    assert (said.status, said.err) == (0, "")
    assert "interrupted" in said.out
    assert "the process that served it died" in said.out


@pytest.mark.parametrize("made_up", ["chatcmpl-nothere", "resp_nothere", "msg_nothere"])
def test_an_unknown_reply_id_is_not_taken_for_a_prompt(desk: Shell, made_up: str) -> None:
    said = desk.run(explain, "explain", made_up)
    assert (said.status, said.out) == (1, "")


@pytest.mark.parametrize("nothing", ["", "  "])
def test_an_id_that_was_never_set_is_no_id(desk: Shell, nothing: str) -> None:
    store = build_store(load_config(desk.folder / "config.yaml", environ={}), Clock())
    store.append(closed(outcome=Outcome.FAILED, reply_id=""))
    store.close()
    said = desk.run(explain, "explain", nothing)
    assert (said.status, said.out) == (2, "")
    assert "give an id or a prompt" in said.err


def test_the_beginning_of_an_id_is_that_id_where_no_other_begins_so(desk: Shell) -> None:
    one = closed("small", id="0198c0de-0000-7000-8000-000000000001", reply_id="chatcmpl-one", overhead_ms=1.0)
    other = closed("small", id="0198c0de-0000-7000-8000-000000000002", reply_id="chatcmpl-other", overhead_ms=1.0)
    store = build_store(load_config(desk.folder / "config.yaml", environ={}), Clock())
    for exchange in (one, other):
        store.append(exchange)
    store.close()
    assert desk.run(explain, "explain", "chatcmpl-oth").out.startswith(f"exchange {other.id}")
    several = desk.run(explain, "explain", one.id[:-1])
    assert (several.status, several.out) == (2, "")
    assert "several ids begin with '0198c0de-0000-7000-8000-00000000000'; give more of it" in several.err


def test_a_model_that_no_row_is_about_is_said_to_be_guessed_from_others(desk: Shell) -> None:
    said = desk.run(explain, "explain", "What is 2 + 2?").out
    assert "about small, cut none\n  no labelled row is about this model: it is the average of others\n" in said
    assert "pooled" not in said


def test_what_only_a_running_server_knows_is_said_to_be_unknown_here(shell: Shell, scripted: Scripted) -> None:
    config = write_house(shell.folder, {"small": scripted(), "big": scripted()})
    config.write_text(config.read_text().replace("context", "# context"))
    said = shell.run(explain, "explain", "What is 2 + 2?", "--offline").out
    assert "small.context is unknown" in said
    assert "decided by the configuration alone: what only a running server knows" in said
    assert "was not asked" not in said


LAMED = "policy: balanced\nrules:\n  - {name: lame, when: not small.ready, plan: [big]}\notherwise: {plan: [small]}\n"


def test_a_running_server_decides_with_what_it_knows_now(
    shell: Shell, small: ScriptedUpstream, scripted: Scripted, open_house: OpenHouse
) -> None:
    house = open_house({"small": small, "big": scripted()}, policy=LAMED)
    for _ in range(5):
        small.fails(500)
        house.ask()
    by_server = shell.run(explain, "explain", "What is 2 + 2?", "--server", house.url)
    alone = shell.run(explain, "explain", "What is 2 + 2?", "--offline")
    assert (by_server.status, alone.status) == (0, 0)
    assert by_server.out.startswith("would go to big: balanced@")
    assert f"decided by the server that runs at {house.url}, with what it knows now" in by_server.out
    assert alone.out.startswith("would go to small: balanced@")
    assert "p_good 0." in by_server.out
    assert len(small.requests) == 5


def test_a_server_of_another_configuration_is_not_shown_the_text(
    shell: Shell, small: ScriptedUpstream, scripted: Scripted, open_house: OpenHouse
) -> None:
    house = open_house({"small": small, "big": scripted()})
    other = shell.folder / "other"
    other.mkdir()
    write_house(other, {"small": small, "big": small})
    said = Shell(other, shell.capture).run(explain, "explain", "hi", "--server", house.url, "--format", "json")
    told = json.loads(said.out)["server"]
    assert (told["url"], told["asked"]) == (house.url, False)
    assert "does not run with this configuration" in told["why"]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:1", "nothing listens there"),
        ("http://[::1", "it did not answer"),
        (None, "it decides only for those who have a key"),
    ],
)
def test_why_a_server_was_not_asked_is_said(
    url: str | None, why: str, shell: Shell, small: ScriptedUpstream, scripted: Scripted, open_house: OpenHouse
) -> None:
    house = open_house({"small": small, "big": scripted()}, extra="auth: required\n")
    said = shell.run(explain, "explain", "What is 2 + 2?", "--server", url or house.url)
    assert said.status == 0
    assert f"{url or house.url} was not asked: {why}" in said.out
    assert said.out.startswith("would go to small: balanced@")


def test_a_request_that_has_not_ended_is_told_as_one(
    shell: Shell, small: ScriptedUpstream, scripted: Scripted, open_house: OpenHouse
) -> None:
    small.slow("42")
    house = open_house({"small": small, "big": scripted()})
    asking = threading.Thread(target=house.ask)
    asking.start()
    small.asked.wait()
    (row,) = house.ledger("attempts")
    said = shell.run(explain, "explain", row["exchange"])
    small.release(5)
    asking.join(30)
    assert (said.status, said.out) == (1, "")
    assert "has not ended, small yet to answer" in said.err


def test_a_clients_words_do_not_steer_the_terminal(desk: Shell) -> None:
    stripped = {"rule": "otherwise", "outcome": "stripped", "why": "a chat cannot carry: metadata.\x1b[2J\u202ex"}
    exchange = closed("small", overhead_ms=1.0, reasons=(stripped,))
    exchange.attempts = [ended(exchange.id, "small", changes=("left out: \x1b]0;pwn\x07",))]
    store = build_store(load_config(desk.folder / "config.yaml", environ={}), Clock())
    store.append(exchange)
    store.close()
    said = desk.run(explain, "explain", exchange.id).out
    assert "metadata.\ufffd[2J\ufffdx" in said
    assert said.replace("\n", "").isprintable()
