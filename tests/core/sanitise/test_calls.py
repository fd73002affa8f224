"""Tool calls: ids that fit stay, others are always named alike, and each result still finds its call."""

from typing import Any

import pytest

from router.core.sanitise.calls import LETTERS, calls_in, fit_ids, made, unsign_calls
from router.core.sanitise.target import GEMINI, MISTRAL, OPENAI


def calling(*ids: str, **more: Any) -> dict[str, Any]:
    calls = [{"id": one, "type": "function", "function": {"name": "f", "arguments": "{}"}, **more} for one in ids]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def result(call: str, content: str = "4") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call, "content": content}


def test_a_made_id_is_letters_and_digits_and_the_same_every_time() -> None:
    assert made("toolu_1", 0, 9) == made("toolu_1", 0, 9) != made("toolu_1", 1, 9)
    assert set(made("x", 0, 24)) <= set(LETTERS)


def test_ids_that_fit_stay_and_the_conversation_with_them() -> None:
    messages = [calling("D681PevKs"), result("D681PevKs")]
    assert fit_ids(messages, MISTRAL) is messages


def test_an_id_that_does_not_fit_is_changed_with_its_result() -> None:
    call, answer = fit_ids([calling("toolu_1"), result("toolu_1")], MISTRAL)
    new = call["tool_calls"][0]["id"]
    assert MISTRAL.ids.fit(new)
    assert answer["tool_call_id"] == new


def test_of_repeated_ids_each_result_names_its_own_call() -> None:
    call, first, second = fit_ids([calling("call_0", "call_0"), result("call_0", "a"), result("call_0", "b")], MISTRAL)
    ids = [one["id"] for one in call["tool_calls"]]
    assert len(set(ids)) == 2
    assert [first["tool_call_id"], second["tool_call_id"]] == ids


def test_googles_signatures_stay_with_google() -> None:
    messages = [calling("a", extra_content={"google": {"thought_signature": "s"}})]
    assert unsign_calls(messages, GEMINI) is messages
    assert "extra_content" not in unsign_calls(messages, OPENAI)[0]["tool_calls"][0]


@pytest.mark.parametrize("message", [{"role": "user", "tool_calls": [{}]}, {"role": "assistant", "tool_calls": "x"}])
def test_only_an_assistant_calls(message: dict[str, Any]) -> None:
    assert calls_in(message) == []
