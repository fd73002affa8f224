"""What `smallfirst explain` prints of a row: who was asked and why, what it cost, and what is not known."""

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
from tests.standins.scripted import ScriptedUpstream
from tests.store.records import NOON, Clock, closed, ended


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
    assert "\n  small      refusal      escalate  " in said.out.partition("\nverdicts\n")[2]
    assert "at the baseline big" in said.out


def test_a_yes_or_no_that_would_change_it_is_told_as_rules_write_it(desk: Shell) -> None:
    rule = "policy: balanced\nrules: [{name: home, when: has_pii, plan: [small]}]\notherwise: {plan: [big]}\n"
    desk.write(rule, "policies/balanced.yaml")
    said = desk.run(explain, "explain", "hello", "--offline").out
    assert "it would change with: has_pii false -> true, then home: small" in said


def test_the_sum_says_whose_gain_it_is(desk: Shell) -> None:
    said = desk.run(explain, "explain", "What is 2 + 2?", "--offline").out
    assert "the more that is, the lower p_good" in said.partition("base value of the trees")[0]


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


def test_a_text_that_decided_is_told_with_the_text_that_would_have_changed_it(
    shell: Shell, small: ScriptedUpstream, open_house: OpenHouse, scripted: Scripted
) -> None:
    rules = "rules:\n  - {name: german, when: \"language == 'de'\", plan: [big]}\n"
    house = open_house(
        {"small": small, "big": scripted()}, policy=f"policy: balanced\n{rules}otherwise: {{plan: [small]}}\n"
    )
    served = house.ask("Bitte erkläre mir, warum der Himmel am Abend rot ist.").headers["x-router-exchange"]
    house.ledger("exchanges")
    said = shell.run(explain, "explain", served).out
    assert "it would change with: language 'de' -> unknown, then otherwise: small\n" in said
