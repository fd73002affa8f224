"""A Responses body field by field: understood, carried, left out, refused."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.core.dialects.chat import MAX_MESSAGES
from router.core.dialects.dialect import Translated
from router.core.dialects.responses.request import parse
from router.core.dialects.responses.writer import ResponsesWriter
from router.core.errors import BadRequest


def asked(*, native: bool = False, **fields: Any) -> Translated:
    return parse(orjson.dumps({"model": "auto", "input": "hi", **fields}), native=native)


def refused(**fields: Any) -> tuple[str | None, str | None]:
    with pytest.raises(BadRequest) as raised:
        asked(**fields)
    return raised.value.param, raised.value.code


def test_the_least_request_is_one_message() -> None:
    request = asked()
    assert request.chat == {"model": "auto", "messages": [{"role": "user", "content": "hi"}]}
    assert (request.stream, request.wants_usage, request.max_tokens, request.stripped) == (False, True, None, ())


def test_instructions_come_first() -> None:
    assert asked(instructions="Be brief.").chat["messages"][0] == {"role": "system", "content": "Be brief."}


def test_what_chat_says_alike_or_we_do_not_know_rides_along() -> None:
    fields: dict[str, Any] = {
        "temperature": 0,
        "top_p": 1,
        "prompt_cache_key": "k",
        "safety_identifier": "s",
        "metadata": {"a": "b"},
    }
    fields |= {"service_tier": "flex", "user": "u", "top_k": 5, "prompt_cache_retention": "24h"}
    assert fields.items() <= asked(**fields).chat.items()


def test_what_chat_says_otherwise_is_translated() -> None:
    schema = {"name": "a", "schema": {"type": "object"}, "strict": True}
    request = asked(
        max_output_tokens=9,
        reasoning={"effort": "low"},
        text={"format": {"type": "json_schema", **schema}, "verbosity": "low"},
        top_logprobs=2,
        include=["message.output_text.logprobs"],
    )
    expected = {
        "max_completion_tokens": 9,
        "reasoning_effort": "low",
        "verbosity": "low",
        "response_format": {"type": "json_schema", "json_schema": schema},
        "logprobs": True,
        "top_logprobs": 2,
    }
    assert expected.items() <= request.chat.items()
    assert (request.max_tokens, request.stripped) == (9, ())


def test_a_stream_asks_for_usage() -> None:
    assert asked(stream=True).chat["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize("form", [None, {"type": "text"}])
def test_plain_text_needs_no_format(form: Any) -> None:
    assert "response_format" not in asked(text={"format": form}).chat


@pytest.mark.parametrize(
    ("fields", "stripped"),
    [
        ({"store": True}, ("store",)),
        ({"store": False, "background": False, "truncation": "disabled"}, ()),
        ({"truncation": "auto"}, ("truncation",)),
        ({"include": ["reasoning.encrypted_content"]}, ("include.reasoning.encrypted_content",)),
        ({"reasoning": {"effort": None, "summary": "auto"}}, ("reasoning.summary",)),
        (
            {"max_tool_calls": 3, "context_management": [{"type": "compaction"}]},
            ("context_management", "max_tool_calls"),
        ),
        ({"stream_options": {"include_obfuscation": True}}, ("stream_options.include_obfuscation",)),
        ({"parallel_tool_calls": False}, ("parallel_tool_calls",)),
        ({"parallel_tool_calls": True, "tool_choice": "auto", "tools": []}, ()),
        ({"previous_response_id": None, "conversation": None}, ()),
    ],
)
def test_what_is_left_out_is_noted_and_what_is_fulfilled_is_not(fields: Any, stripped: tuple[str, ...]) -> None:
    request = asked(**fields)
    assert request.stripped == stripped
    assert request.chat.keys() == {"model", "messages"}


@pytest.mark.parametrize(
    "name",
    ["previous_response_id", "conversation", "prompt", "background", "messages", "max_tokens", "response_format"],
)
def test_state_and_chats_own_fields_are_refused_and_only_noted_for_a_native_upstream(name: str) -> None:
    assert refused(**{name: True}) == (name, "unsupported_parameter")
    native = asked(native=True, **{name: True})
    assert native.stripped == (name,)


def test_a_native_upstream_may_know_words_that_we_do_not() -> None:
    assert asked(native=True, previous_response_id="resp_1", input=None, instructions="a").chat["messages"]
    items = [{"type": "item_reference", "id": "msg_1"}, {"role": "user", "content": "go on"}]
    assert asked(native=True, input=items).stripped == ("input[0]",)


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"model": ""}, "model", "missing_required_parameter"),
        ({"input": None}, "input", "missing_required_parameter"),
        ({"input": []}, "input", "missing_required_parameter"),
        ({"input": 7}, "input", "invalid_type"),
        ({"input": [{}] * (MAX_MESSAGES + 1)}, "input", "array_above_max_length"),
        ({"instructions": 7}, "instructions", "invalid_type"),
        ({"stream": 1}, "stream", "invalid_type"),
        ({"store": "no"}, "store", "invalid_type"),
        ({"max_output_tokens": "9"}, "max_output_tokens", "invalid_type"),
        ({"reasoning": "low"}, "reasoning", "invalid_type"),
        ({"text": []}, "text", "invalid_type"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type", "invalid_value"),
        ({"text": {"format": {"type": "json_schema", "name": "a"}}}, "text.format.schema", "invalid_type"),
        ({"include": "all"}, "include", "invalid_type"),
        ({"tools": {}}, "tools", "invalid_type"),
    ],
)
def test_a_mistake_is_told_with_its_place(fields: Any, param: str, code: str) -> None:
    assert refused(**fields) == (param, code)


def test_an_agents_first_request_goes_through() -> None:
    request = asked(
        instructions="You are an agent.",
        input=[
            {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "sandbox"}]},
            {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "rules"}]},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "fix it"}]},
        ],
        tools=[
            {"type": "function", "name": "shell", "strict": False, "parameters": {"type": "object"}},
            {
                "type": "namespace",
                "name": "agents",
                "description": "d",
                "tools": [{"type": "function", "name": "spawn"}],
            },
            {"type": "web_search", "external_web_access": False},
        ],
        tool_choice="auto",
        parallel_tool_calls=True,
        reasoning={"effort": "medium", "summary": "auto"},
        store=False,
        stream=True,
        include=["reasoning.encrypted_content"],
        prompt_cache_key="thread",
        client_metadata={"a": "b"},
    )
    assert [message["role"] for message in request.chat["messages"]] == ["system", "developer", "developer", "user"]
    assert [tool["function"]["name"] for tool in request.chat["tools"]] == ["shell", "agents__spawn"]
    assert request.chat["prompt_cache_key"] == "thread"
    assert set(request.stripped) == {
        "tools[1].description",
        "tools[2]",
        "reasoning.summary",
        "include.reasoning.encrypted_content",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["message", "function", "user", "reasoning", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from("type role content text name tools call_id output format".split()), inner, max_size=4
        )
    ),
    max_leaves=8,
)
FIELDS = st.sampled_from("input instructions tools tool_choice text reasoning include stream_options metadata".split())


@settings(max_examples=150, deadline=None)
@given(fields=st.dictionaries(FIELDS, JSON, max_size=4), native=st.booleans())
def test_whatever_is_sent_is_answered_or_refused_in_so_many_words(fields: dict[str, Any], native: bool) -> None:
    try:
        said = ResponsesWriter(asked(native=native, **fields)).whole({})["object"]
    except BadRequest as error:
        said = error.param
    assert said


def test_natively_what_nobody_here_knows_is_left_to_the_upstream() -> None:
    items = [
        {"type": "message", "role": "user", "content": "hi"},
        {"type": "new_thing"},
        {"type": "function_call_output", "call_id": "call_9", "output": "4"},
    ]
    told = asked(native=True, input=items, tools=[{"type": "new_tool"}], previous_response_id="resp_1")
    assert told.chat["messages"] == [{"role": "user", "content": "hi"}]
    assert {"input[1].type", "input[2]", "tools[0].type"} <= set(told.stripped)
    only = asked(native=True, input=items[2:], previous_response_id="resp_1")
    assert only.chat["messages"] == [{"role": "user", "content": ""}]
