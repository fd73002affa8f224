"""A chat body said again for an Anthropic upstream, and there and back without loss."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.core.dialects.messages.outgoing import Claude, to_anthropic
from router.core.dialects.messages.request import parse
from router.core.errors import BadRequest

HI: list[dict[str, Any]] = [{"role": "user", "content": "hi"}]
TURN = [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]


def sent(claude: Claude | None = None, **chat: Any) -> dict[str, Any]:
    made = to_anthropic({"model": "claude", "messages": HI, **chat}, claude or Claude())
    return dict(orjson.loads(orjson.dumps(made.body)))


PLAIN = {"model": "claude", "max_tokens": 4096, "messages": TURN}


@pytest.mark.parametrize(
    ("fields", "means"),
    [
        ({}, {}),
        ({"max_tokens": 7}, {"max_tokens": 7}),
        ({"max_completion_tokens": 7}, {"max_tokens": 7}),
        ({"stop": "a"}, {"stop_sequences": ["a"]}),
        ({"stop": ["a"]}, {"stop_sequences": ["a"]}),
        ({"user": "u"}, {"metadata": {"user_id": "u"}}),
        ({"service_tier": "default"}, {"service_tier": "standard_only"}),
        ({"stream": True, "stream_options": {"include_usage": True}}, {"stream": True}),
        ({"n": 1, "tools": None, "stop": None}, {}),
        ({"unheard_of": 1}, {"unheard_of": 1}),
        ({"reasoning_effort": "none"}, {"thinking": {"type": "disabled"}}),
        ({"reasoning_effort": "minimal"}, {"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}},
            {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
        ),
    ],
)
def test_a_field_is_said_in_the_words_of_messages(fields: dict[str, Any], means: dict[str, Any]) -> None:
    assert sent(**fields) == PLAIN | means


def test_an_older_model_gets_a_budget_below_its_limit_or_none() -> None:
    old = Claude(adaptive=False)
    assert sent(old, reasoning_effort="high")["thinking"] == {"type": "enabled", "budget_tokens": 4095}
    small = to_anthropic({"messages": HI, "max_tokens": 1000, "reasoning_effort": "high"}, old)
    assert "thinking" not in small.body
    assert small.stripped == ("reasoning_effort",)


def test_what_anthropic_has_no_word_for_is_left_out_and_named() -> None:
    made = to_anthropic(
        {
            "messages": HI,
            "seed": 1,
            "store": False,
            "service_tier": "flex",
            "temperature": 1.5,
            "response_format": {"type": "json_object"},
        },
        Claude(),
    )
    assert made.stripped == ("seed", "service_tier", "temperature above 1", "response_format")
    assert made.body["temperature"] == 1


def test_a_whole_conversation_with_tools_pictures_and_two_system_messages() -> None:
    arguments = '{ "big" : 123456789012345678901234 }'
    calls = [{"id": f"c{n}", "type": "function", "function": {"name": "f", "arguments": arguments}} for n in (1, 2)]
    function = {"name": "f", "parameters": {"type": "object"}}
    chat = {
        "messages": [
            {"role": "developer", "content": "one"},
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}]},
            {"role": "assistant", "content": None, "tool_calls": calls},
            {"role": "tool", "tool_call_id": "c1", "content": "1"},
            {"role": "tool", "tool_call_id": "c2", "content": "2", "is_error": True},
            {"role": "user", "content": "go on"},
            {"role": "system", "content": "two"},
            {"role": "user", "content": ""},
        ],
        "tools": [{"type": "function", "function": function}],
        "parallel_tool_calls": False,
    }
    raw = orjson.dumps(to_anthropic(chat, Claude()).body)
    assert raw.count(b'"input":' + arguments.encode()) == 2
    body = orjson.loads(raw)
    assert [block["text"] for block in body["system"]] == ["one", "two"]
    assert [turn["role"] for turn in body["messages"]] == ["user", "assistant", "user"]
    assert [block["type"] for block in body["messages"][2]["content"]] == ["tool_result", "tool_result", "text"]
    assert body["messages"][2]["content"][1]["is_error"] is True
    assert body["messages"][0]["content"][0]["source"] == {
        "type": "base64",
        "media_type": "image/png",
        "data": "aGk=",
    }
    assert body["tools"] == [{"name": "f", "input_schema": {"type": "object"}}]
    assert body["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}


def test_only_signed_thinking_goes_back() -> None:
    signed = {"type": "thinking", "thinking": "a", "signature": "s"}
    blocks = [{"type": "thinking", "thinking": "b", "signature": ""}, signed]
    body = sent(messages=[{"role": "assistant", "content": "x", "reasoning_content": "ab", "thinking_blocks": blocks}])
    assert body["messages"][0]["content"] == [signed, {"type": "text", "text": "x"}]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"functions": [{}]}, "functions"),
        ({"modalities": ["audio"]}, "modalities"),
        ({"tools": [{"type": "custom", "custom": {}}]}, "tools[0]"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": {"type": "x"}}, "tool_choice"),
        ({"messages": [{"role": "function", "content": ""}]}, "messages[0]"),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "messages[0].content[0]"),
        (
            {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}]},
            "messages[0].content[0].file",
        ),
        ({"messages": [{"role": "assistant", "function_call": {"name": "f"}}]}, "messages[0].function_call"),
        (
            {"messages": [{"role": "assistant", "tool_calls": [{"type": "custom"}]}]},
            "messages[0].tool_calls[0]",
        ),
    ],
)
def test_what_would_change_the_meaning_is_refused_by_name(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as raised:
        sent(**fields)
    assert (raised.value.param, raised.value.code) == (param, "unsupported_parameter")


@pytest.mark.parametrize("content", [[{"type": "smell"}], 7, ["x"]])
def test_an_unknown_content_is_refused_by_its_place(content: Any) -> None:
    with pytest.raises(BadRequest) as raised:
        sent(messages=[{"role": "user", "content": content}])
    assert (raised.value.param or "").startswith("messages[0].content")


WORDS = st.text(min_size=1, max_size=6)
MARK = {"cache_control": {"type": "ephemeral"}}
TEXT = st.builds(lambda t, m: {"type": "text", "text": t, **m}, WORDS, st.sampled_from([{}, MARK]))
PICTURE = st.builds(
    lambda d: {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": d}}, WORDS
)
SIGNED = st.builds(lambda t, s: {"type": "thinking", "thinking": t, "signature": s}, WORDS, WORDS)
INPUTS = st.dictionaries(WORDS, st.integers(-(2**53), 2**53) | WORDS, max_size=2)


@st.composite
def conversations(draw: st.DrawFn) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = []
    ids = 0
    for _ in range(draw(st.integers(1, 3))):
        results = [
            {"type": "tool_result", "tool_use_id": block["id"], "content": draw(WORDS)}
            for block in (turns[-1]["content"] if turns else [])
            if block["type"] == "tool_use"
        ]
        turns.append({"role": "user", "content": [*results, *draw(st.lists(TEXT | PICTURE, min_size=1, max_size=3))]})
        uses = draw(st.lists(INPUTS, max_size=2))
        calls = [{"type": "tool_use", "id": f"t{ids + n}", "name": "f", "input": use} for n, use in enumerate(uses)]
        ids += len(calls)
        thoughts, texts = draw(st.lists(SIGNED, max_size=2)), draw(st.lists(TEXT, min_size=1, max_size=2))
        turns.append({"role": "assistant", "content": [*thoughts, *texts, *calls]})
    return turns


@settings(max_examples=60, deadline=None)
@given(conversations(), st.lists(TEXT, max_size=2))
def test_messages_said_as_chat_and_back_is_what_it_was(
    turns: list[dict[str, Any]], system: list[dict[str, Any]]
) -> None:
    body = {
        "model": "m",
        "max_tokens": 2048,
        "messages": turns,
        "stop_sequences": ["x"],
        "top_k": 3,
        "metadata": {"user_id": "u"},
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "tools": [{"name": "f", "input_schema": {"type": "object"}, **MARK}],
        "tool_choice": {"type": "any", "disable_parallel_tool_use": False},
        **({"system": system} if system else {}),
    }
    request = parse(orjson.dumps(body))
    back = to_anthropic(request.chat, Claude())
    assert (request.stripped, back.stripped) == ((), ())
    assert orjson.loads(orjson.dumps(back.body)) == body
