"""The response object around the output."""

import orjson
import pytest
from openai.types.responses import Response, ResponseUsage

from router.core.dialects.responses.request import parse
from router.core.dialects.responses.snapshot import Snapshot, usage_of

REQUEST = parse(
    orjson.dumps(
        {
            "model": "auto",
            "input": "hi",
            "store": True,
            "temperature": 0.5,
            "metadata": {"a": "b"},
            "tools": [{"type": "web_search"}, {"type": "function", "name": "look", "parameters": {}, "strict": False}],
        }
    )
)


def test_what_was_asked_is_shown_and_what_was_left_out_is_not() -> None:
    snapshot = Snapshot(REQUEST)
    snapshot.note({"id": "chatcmpl-7", "model": "m", "created": 5, "service_tier": "flex"})
    whole = snapshot.whole("completed", [])
    Response.model_validate(whole)
    assert (whole["id"], whole["model"], whole["created_at"], whole["service_tier"]) == ("resp_7", "m", 5, "flex")
    assert (whole["temperature"], whole["metadata"]) == (0.5, {"a": "b"})
    assert [tool["type"] for tool in whole["tools"]] == ["function"]


def test_nothing_is_stored_and_the_response_says_so() -> None:
    assert Snapshot(REQUEST).whole("completed", [])["store"] is False


def test_a_reply_without_an_id_has_one_of_its_request() -> None:
    first, second = Snapshot(REQUEST), Snapshot(REQUEST)
    first.note({})
    second.note({})
    assert first.item_id("msg", 0) == second.item_id("msg", 0) != "msg__0"


def test_a_count_that_is_no_number_is_none() -> None:
    for odd in ("5", [5], {"a": 5}, None, True):
        found = usage_of({"prompt_tokens": odd, "completion_tokens": 4, "total_tokens": odd})
        assert (found["input_tokens"], found["output_tokens"], found["total_tokens"]) == (0, 4, 4)


def test_usage_moves_to_the_dialects_names_with_cached_and_reasoning_tokens() -> None:
    found = usage_of(
        {
            "prompt_tokens": 9,
            "completion_tokens": 4,
            "prompt_tokens_details": {"cached_tokens": 5, "cache_write_tokens": None},
            "completion_tokens_details": {"reasoning_tokens": 3},
            "cost": 0.1,
        }
    )
    ResponseUsage.model_validate(found, strict=True)
    assert found["input_tokens_details"] == {"cached_tokens": 5, "cache_write_tokens": 0}
    assert (found["output_tokens_details"]["reasoning_tokens"], found["total_tokens"], found["cost"]) == (3, 13, 0.1)


@pytest.mark.parametrize("details", [None, {}, {"prompt_tokens_details": None, "completion_tokens_details": []}])
def test_usage_without_details_has_zeros(details: object) -> None:
    given = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    ResponseUsage.model_validate(usage_of({**given, **(details if isinstance(details, dict) else {})}), strict=True)
