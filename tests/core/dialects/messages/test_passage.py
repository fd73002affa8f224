"""What another model left in a conversation is mended before Anthropic sees it; nothing else is."""

from router.core.dialects.messages.passage import mended

SIGNED = {"type": "thinking", "thinking": "a", "signature": "s"}
UNSIGNED = {"type": "thinking", "thinking": "b", "signature": ""}


def test_a_conversation_of_claudes_own_goes_on_as_the_same_object() -> None:
    hosted = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}
    body = {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": [SIGNED, hosted]}]}
    assert mended(body)[0] is body


def test_unsigned_thoughts_go_and_ids_are_changed_on_both_sides() -> None:
    use = {"type": "tool_use", "id": "functions.f:0", "name": "f", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "functions.f:0", "content": "1"}
    body = {
        "system": "s",
        "messages": [
            {"role": "assistant", "content": [UNSIGNED, SIGNED, use]},
            {"role": "user", "content": [result]},
            {"role": "assistant", "content": [UNSIGNED]},
        ],
    }
    fit, notes = mended(body)
    assert set(notes) == {"thinking of another model left out", "ids of calls changed"}
    assert fit["system"] == "s"
    said, answered = fit["messages"]
    assert said["content"][0] == SIGNED
    assert said["content"][1]["id"] == answered["content"][0]["tool_use_id"] != "functions.f:0"
    assert mended(fit)[0] is fit
