"""`smallfirst explain`: a text before, an id after, and nothing sent to anyone."""

import json
import threading

import pytest

from router.cli import explain
from router.config import load_config
from router.core.exchange import Outcome
from router.runtime.building import build_store
from tests.cli.conftest import Shell
from tests.conftest import OpenHouse, Scripted
from tests.standins.acts import json_act
from tests.standins.house import write_house
from tests.standins.scripted import ScriptedUpstream
from tests.store.records import Clock, closed, ended


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


def test_a_form_that_no_training_question_had_is_told_as_such(desk: Shell) -> None:
    said = desk.run(explain, "explain", "Is it so?\nA. Yes\nB. No").out
    assert "task mean: the mean of all sources" in said
    assert "no training question had this form" in said
    assert "ask_chars" not in said  # no feature has a part in it


def test_an_upstream_by_its_name_is_told_as_such(desk: Shell) -> None:
    said = desk.run(explain, "explain", "hi", "--model", "big")
    assert said.out.startswith("would go to big: no policy, rule named")
    assert "p_good: not computed" in said.out


CLAUDE = "claude: {{kind: anthropic, model: claude-9, price: {{input: 5, output: 25}}, url: '{url}'}}"
HI = {"model": "claude", "messages": [{"role": "user", "content": "hi"}]}


def test_a_count_is_told_by_its_id_with_who_was_asked(shell: Shell, scripted: Scripted, open_house: OpenHouse) -> None:
    claude = scripted().does(lambda request: json_act({"input_tokens": 4711}))
    house = open_house({"small": scripted(), "big": scripted()}, row=CLAUDE.format(url=claude.url))
    asked = house.http.post("/v1/messages/count_tokens", json=HI).headers["request-id"]
    house.ledger("attempts")

    said, told = (shell.run(explain, "explain", asked, "--format", how) for how in ("table", "json"))

    assert (said.status, said.err) == (0, "")
    first, second, attempt = said.out.splitlines()
    assert first == f"{asked} is a count of tokens: no exchange, and in no report a request"
    assert (second, attempt.split()[1:4]) == ("attempts", ["claude", "count", "200"])
    assert json.loads(told.out)["attempts"][0]["upstream"] == "claude"


def test_of_a_count_that_was_estimated_here_it_is_said_that_no_row_is_left(
    shell: Shell, scripted: Scripted, open_house: OpenHouse
) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    asked = house.http.post("/v1/messages/count_tokens", json={**HI, "model": "auto"}).headers["request-id"]
    said = shell.run(explain, "explain", asked)
    assert (said.status, said.out) == (1, "")
    assert "a count made here, /v1/models and /v1/route leave no row" in said.err


def test_an_id_that_no_row_has_is_told_apart_from_a_text(desk: Shell) -> None:
    said = desk.run(explain, "explain", "0198c0de-0000-7000-8000-000000000000")
    assert (said.status, said.out) == (1, "")
    assert "x-request-id" in said.err


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
