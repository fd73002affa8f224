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


def test_what_a_providers_cache_is_worth_is_a_signal_and_a_reason(scripted: Scripted, open_house: OpenHouse) -> None:
    big = scripted()
    usage = {
        "prompt_tokens": 2_100,
        "completion_tokens": 3,
        "total_tokens": 2_103,
        "prompt_tokens_details": {"cached_tokens": 2_000},
    }
    big.says("fine", usage=usage)
    policy = "policy: balanced\nsession: none\nrules: [{name: dear, when: cache_loss_usd > 0.002, plan: [big]}]\n"
    policy += "otherwise: {plan: [big]}\n"
    house = open_house({"small": scripted(), "big": big}, policy=policy)
    config = house.folder / "config.yaml"
    dear = "price: {input: 2.50, output: 10.00, cached_input: 0.25}"
    config.write_text(config.read_text().replace("price: {input: 2.50, output: 10.00}", dear))
    assert house.reload() == ""

    told = {"role": "user", "content": "what was said before " * 450}  # so long that 2,000 tokens of it are believed
    first = house.ask(messages=[told])
    second = house.ask(
        messages=[told, {"role": "assistant", "content": "fine"}, {"role": "user", "content": "and now?"}]
    )

    assert (first.headers["x-router-rule"], second.headers["x-router-rule"]) == ("otherwise", "dear")
    before, after = house.ledger("exchanges")
    assert (before["signals"]["cached_tokens"], before["signals"]["cache_loss_usd"]) == (0, 0.0)
    assert (after["signals"]["cached_tokens"], after["signals"]["cache_loss_usd"]) == (2_000, 0.0045)
    assert after["reasons"][-1] == {
        "rule": "dear",
        "outcome": "cache",
        "why": "keeps the prompt cache of 'big': 2000 tokens, worth 0.004500 USD a turn",
    }


def test_a_pin_expires_when_the_configuration_says_so(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    small.says("I'm sorry, but I cannot help with that.").then.says("fine")
    house = open_house({"small": small, "big": scripted()}, extra="sessions: {expire_s: 0.000001}\n")

    house.ask(messages=[FIRST])
    second = house.ask(messages=later({"role": "assistant", "content": "ok"}))

    assert second.headers["x-router-upstream"] == "small"
    assert house.ledger("exchanges")[1]["pinned"] is False


def test_an_agents_own_header_names_the_conversation(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()})

    for thread in ("one", "one", "two"):
        house.ask(thread, headers={"session-id": "tree", "thread-id": thread})

    one, again, two = (row["session"] for row in house.ledger("exchanges"))
    assert one == again != two
