"""The key a recorded reply is found by: what is asked counts, how it is sent does not."""

from typing import Any

import pytest

from router.core.recording import recording_key

BODY: dict[str, Any] = {
    "model": "auto",
    "messages": [{"role": "user", "content": "Grüße?"}],
    "tools": [{"type": "function", "function": {"name": "f"}}],
    "response_format": {"type": "json_object"},
}


def test_model_sampling_and_key_order_do_not_count() -> None:
    other = {"temperature": 1, "stream": True, **dict(reversed(BODY.items())), "model": "gpt-4.1"}
    other["messages"] = [{"content": "Grüße?", "role": "user"}]
    assert recording_key(other) == recording_key(BODY)


@pytest.mark.parametrize("left_out", ["tools", "response_format"])
def test_empty_null_and_missing_are_one(left_out: str) -> None:
    missing = {name: value for name, value in BODY.items() if name != left_out}
    assert recording_key(missing) == recording_key({**BODY, left_out: None}) == recording_key({**BODY, left_out: []})


@pytest.mark.parametrize("asked", ["messages", "tools", "response_format"])
def test_whatever_is_asked_counts(asked: str) -> None:
    assert recording_key({**BODY, asked: [{"role": "system", "content": "x"}]}) != recording_key(BODY)


def test_the_key_is_the_same_on_every_machine() -> None:
    expected = "fd64ebf851a6b83a230107fb28d1b172314fd384a2eea939dcb068432fd8b8a6"
    assert recording_key(BODY) == expected
