"""A conversation that was sent up stays up, and nothing switches inside a tool loop."""

from typing import Any

from tests.conftest import OpenHouse, Scripted

FIRST = {"role": "user", "content": "book me a table"}


def later(*said: dict[str, Any]) -> list[dict[str, Any]]:
    return [FIRST, *said, {"role": "user", "content": "and now?"}]


def test_a_conversation_that_escalated_once_stays_with_big(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    small.says("I'm sorry, but I cannot help with that.").then.says("fine")
    house = open_house({"small": small, "big": big})

    house.ask(messages=[FIRST])
    second = house.ask(messages=later({"role": "assistant", "content": "ok"}))

    assert second.headers["x-router-upstream"] == "big"
    assert len(small.requests) == 1
    assert [e["pinned"] for e in house.ledger("exchanges")] == [False, True]


def test_the_same_first_question_of_somebody_else_is_not_pinned(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    small.says("I'm sorry, but I cannot help with that.").then.says("fine")
    house = open_house({"small": small, "big": scripted()})

    house.ask(messages=[FIRST])

    assert house.ask(messages=[FIRST]).headers["x-router-upstream"] == "small"


def test_a_tool_loop_goes_on_with_whoever_began_it(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    small.calls("find", {"q": "x"})
    policy = """
policy: balanced
rules: [{name: tools-results-go-up, when: in_tool_loop, plan: [big]}]
otherwise: {plan: [small, big]}
"""
    house = open_house({"small": small, "big": scripted()}, policy=policy)
    call = {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": '{"q": "x"}'}}
    tools = [{"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}]

    house.ask(messages=[FIRST], tools=tools)
    result = [
        FIRST,
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "7"},
    ]
    second = house.ask(messages=result, tools=tools)

    assert second.headers["x-router-rule"] == "tools-results-go-up"
    assert second.headers["x-router-upstream"] == "small"


def test_a_conversation_can_be_named_by_a_header(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()})

    for text in ("one", "two"):
        house.ask(text, headers={"x-router-session": "mine"})

    first, second = house.ledger("exchanges")
    assert first["session"] == second["session"]
    assert "mine" not in first["session"]
