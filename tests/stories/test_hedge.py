"""A call that shows nothing is made once more elsewhere: who answers, who is cancelled, what both cost."""

import pytest

from router.core.errors import SetupError
from tests.conftest import OpenHouse, Scripted
from tests.standins.house import House
from tests.standins.scripted import ScriptedUpstream

SAVING = 11  # requests until the budget has saved up one second call


def farm(machines: list[ScriptedUpstream]) -> str:
    urls = ", ".join(f"'{machine.url}'" for machine in machines)
    return f"farm: {{kind: openai, urls: [{urls}], model: m, local: true, price: free, context: 8192}}"


def policy(step: str) -> str:
    return f"policy: balanced\notherwise: {{plan: [{step}]}}\n"


def saved_up(house: House) -> None:
    assert {house.ask("the same").status_code for _ in range(SAVING)} == {200}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("judges", ["", ", judges: [structure]"], ids=["passed-through", "judged"])
def test_the_other_machine_answers_when_the_first_is_silent(
    stream: bool, judges: str, scripted: Scripted, open_house: OpenHouse
) -> None:
    machines = [scripted(), scripted()]
    world = {"small": scripted(), "big": scripted()}
    plan = policy(f"{{upstream: farm, hedge_ms: 300{judges}}}, big")
    house = open_house(world, policy=plan, row=farm(machines))
    saved_up(house)
    (silent,) = (machine for machine in machines if machine.requests)
    silent.hangs()

    reply = house.ask("the same", stream=stream)

    assert (reply.status_code, reply.headers["x-router-upstream"]) == (200, "farm")
    silent.hangups.wait()
    loser, winner = house.ledger("attempts")[-2:]
    assert [(row["reason"], row["error"], row["step"]) for row in (loser, winner)] == [
        ("first", "cancelled", 0),
        ("hedge", None, 0),
    ]
    assert winner["machine"] != ""
    assert winner["machine"] not in silent.url
    assert world["big"].requests == []


def test_both_calls_are_on_the_bill(scripted: Scripted, open_house: OpenHouse) -> None:
    big = scripted()
    house = open_house({"small": scripted(), "big": big}, policy=policy("{upstream: big, hedge_ms: 300}"))
    saved_up(house)
    big.hangs().then.says("at last")

    reply = house.ask("the same")

    assert reply.json()["choices"][0]["message"]["content"] == "at last"
    loser, winner = house.ledger("attempts")[-2:]
    assert (loser["usage_source"], winner["usage_source"]) == ("estimate", "upstream")
    assert min(loser["cost"], winner["cost"]) > 0
    assert house.ledger("exchanges")[-1]["cost"] == loser["cost"] + winner["cost"]


def test_without_a_token_in_the_retry_budget_nobody_is_asked_twice(scripted: Scripted, open_house: OpenHouse) -> None:
    machines = [scripted().hangs(), scripted().hangs()]
    plan = policy("{upstream: farm, hedge_ms: 1, first_token_ms: 100}, big")
    house = open_house({"small": scripted(), "big": scripted()}, policy=plan, row=farm(machines))

    reply = house.ask()

    assert reply.headers["x-router-upstream"] == "big"
    assert sum(len(machine.requests) for machine in machines) == 1
    assert [row["reason"] for row in house.ledger("attempts")] == ["first", "race"]


def test_one_machine_of_ours_is_not_asked_twice(scripted: Scripted, open_house: OpenHouse) -> None:
    with pytest.raises(SetupError, match=r"'hedge_ms' does nothing: 'small' is one machine"):
        open_house({"small": scripted(), "big": scripted()}, policy=policy("{upstream: small, hedge_ms: 300}, big"))
