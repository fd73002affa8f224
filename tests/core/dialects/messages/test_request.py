"""A Messages request becomes the chat body it means, or an error that names the place."""

from typing import Any

import orjson
import pytest

from router.core.dialects.messages.request import envelope, parse
from router.core.errors import BadRequest

PNG = {"type": "base64", "media_type": "image/png", "data": "aGk="}
HI: list[dict[str, Any]] = [{"role": "user", "content": "hi"}]
WEATHER = {"name": "weather", "description": "Look outside.", "input_schema": {"type": "object"}}


def raw(**fields: Any) -> bytes:
    return orjson.dumps({"model": "auto", "max_tokens": 64, "messages": HI, **fields})


def chat(**fields: Any) -> dict[str, Any]:
    return dict(parse(raw(**fields)).chat)


def said(*content: dict[str, Any], role: str = "user") -> list[dict[str, Any]]:
    return list(chat(messages=[{"role": role, "content": list(content)}])["messages"])


def test_the_plainest_request_is_the_plainest_chat() -> None:
    assert chat() == {"model": "auto", "messages": HI, "max_tokens": 64}


def test_a_stream_asks_for_usage_since_messages_always_tells_it() -> None:
    request = parse(raw(stream=True))
    assert request.stream
    assert request.wants_usage
    assert request.chat["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    ("fields", "means"),
    [
        ({"stop_sequences": ["a", "b"]}, {"stop": ["a", "b"]}),
        ({"temperature": 0, "top_p": 0.5, "top_k": 3}, {"temperature": 0, "top_p": 0.5, "top_k": 3}),
        ({"metadata": {"user_id": "u1"}}, {"user": "u1"}),
        ({"service_tier": "standard_only"}, {"service_tier": "default"}),
        ({"tool_choice": {"type": "any"}}, {"tool_choice": "required"}),
        ({"tool_choice": {"type": "none"}}, {"tool_choice": "none"}),
        (
            {"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}},
            {"tool_choice": "auto", "parallel_tool_calls": False},
        ),
        (
            {"tool_choice": {"type": "tool", "name": "f"}},
            {"tool_choice": {"type": "function", "function": {"name": "f"}}},
        ),
        ({"output_config": {"effort": "xhigh"}}, {"reasoning_effort": "xhigh"}),
        ({"thinking": {"type": "disabled"}}, {"thinking": {"type": "disabled"}, "reasoning_effort": "none"}),
        ({"something_new": {"a": 1}}, {"something_new": {"a": 1}}),
    ],
)
def test_a_field_is_said_in_the_words_of_chat(fields: dict[str, Any], means: dict[str, Any]) -> None:
    assert chat(**fields) == chat() | means


@pytest.mark.parametrize(("budget", "effort"), [(1024, "low"), (2049, "medium"), (16_384, "high"), (10**6, "max")])
def test_a_budget_becomes_the_least_effort_that_covers_it_and_rides_along(budget: int, effort: str) -> None:
    thinking = {"type": "enabled", "budget_tokens": budget}
    assert chat(thinking=thinking) == chat() | {"thinking": thinking, "reasoning_effort": effort}


def test_a_schema_asked_for_is_a_strict_response_format() -> None:
    asked = chat(output_config={"format": {"type": "json_schema", "schema": {"type": "object"}}})
    assert asked["response_format"]["json_schema"] == {"name": "answer", "schema": {"type": "object"}, "strict": True}


def test_a_tool_is_a_function_and_its_mark_rides_along() -> None:
    tool = {**WEATHER, "strict": True, "cache_control": {"type": "ephemeral"}, "input_examples": [{}]}
    request = parse(raw(tools=[tool]))
    function = {"name": "weather", "description": "Look outside.", "parameters": {"type": "object"}, "strict": True}
    assert request.chat["tools"] == [{"type": "function", "function": function, "cache_control": {"type": "ephemeral"}}]
    assert request.stripped == ("tools[0].input_examples",)


def test_what_chat_cannot_say_is_left_out_and_named() -> None:
    request = parse(
        raw(context_management={"edits": []}, n=2, service_tier="odd", metadata={"x": 1}, output_config={"y": 1})
    )
    assert sorted(request.stripped) == ["context_management", "metadata.x", "n", "output_config.y", "service_tier"]
    assert request.chat == chat()


def test_system_blocks_and_a_lone_text_keep_their_form() -> None:
    marked = [{"type": "text", "text": "a"}, {"type": "text", "text": "b", "cache_control": {"type": "ephemeral"}}]
    assert chat(system=marked)["messages"][0] == {"role": "system", "content": marked}
    assert chat(system=[{"type": "text", "text": "a"}])["messages"][0] == {"role": "system", "content": "a"}
    assert chat(system="a")["messages"] == [{"role": "system", "content": "a"}, *HI]


def test_a_picture_is_an_image_url_from_either_source() -> None:
    assert said(
        {"type": "image", "source": PNG}, {"type": "image", "source": {"type": "url", "url": "https://a/b"}}
    ) == [
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}},
                {"type": "image_url", "image_url": {"url": "https://a/b"}},
            ],
        }
    ]


def test_a_document_is_a_file_or_its_text() -> None:
    pdf = {"type": "base64", "media_type": "application/pdf", "data": "JVBE"}
    plain = {"type": "text", "media_type": "text/plain", "data": "words"}
    (message,) = said(
        {"type": "document", "source": pdf, "title": "a.pdf"},
        {"type": "document", "source": plain, "title": "T", "context": "C"},
        {"type": "document", "source": {"type": "content", "content": "inside"}},
    )
    file, *texts = message["content"]
    assert file == {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE"}}
    assert [part["text"] for part in texts] == ["T", "C", "words", "inside"]


def test_a_search_result_is_its_title_source_and_texts() -> None:
    block = {"type": "search_result", "title": "T", "source": "S", "content": [{"type": "text", "text": "x"}]}
    (message,) = said(block)
    assert [part["text"] for part in message["content"]] == ["T", "S", "x"]


def test_calls_results_and_pictures_in_results_find_their_places() -> None:
    calls = [{"type": "tool_use", "id": f"toolu_{n}", "name": "f", "input": {"n": n}} for n in (1, 2)]
    results = [
        {"type": "tool_result", "tool_use_id": "toolu_1", "content": "one"},
        {
            "type": "tool_result",
            "tool_use_id": "toolu_2",
            "is_error": True,
            "content": [{"type": "text", "text": "two"}, {"type": "image", "source": PNG}],
        },
    ]
    asked, *rest = chat(
        messages=[
            {"role": "assistant", "content": [{"type": "text", "text": "so"}, *calls]},
            {"role": "user", "content": [*results, {"type": "text", "text": "go on"}]},
        ]
    )["messages"]
    assert asked["content"] == "so"
    assert [call["function"] for call in asked["tool_calls"]] == [
        {"name": "f", "arguments": '{"n":1}'},
        {"name": "f", "arguments": '{"n":2}'},
    ]
    assert rest[:2] == [
        {"role": "tool", "tool_call_id": "toolu_1", "content": "one"},
        {"role": "tool", "tool_call_id": "toolu_2", "content": "two", "is_error": True},
    ]
    assert [part["type"] for part in rest[2]["content"]] == ["image_url", "text"]


def test_a_turn_of_results_alone_adds_no_empty_user_message() -> None:
    assert said({"type": "tool_result", "tool_use_id": "t"}) == [{"role": "tool", "tool_call_id": "t", "content": ""}]


def test_thinking_rides_along_whole_and_calls_alone_have_no_content() -> None:
    thoughts = [
        {"type": "thinking", "thinking": "hm", "signature": "s=="},
        {"type": "redacted_thinking", "data": "xx"},
    ]
    (message,) = said(*thoughts, {"type": "tool_use", "id": "t", "name": "f", "input": {}}, role="assistant")
    assert message["thinking_blocks"] == thoughts
    assert message["content"] is None


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"model": 7}, "model", "missing_required_parameter"),
        ({"max_tokens": None}, "max_tokens", "invalid_type"),
        ({"max_tokens": True}, "max_tokens", "invalid_type"),
        ({"stream": "yes"}, "stream", "invalid_type"),
        ({"messages": []}, "messages", "invalid_value"),
        ({"messages": "hi"}, "messages", "invalid_type"),
        ({"messages": ["hi"]}, "messages[0]", "invalid_type"),
        ({"messages": [{"role": "robot", "content": "hi"}]}, "messages[0].role", "invalid_value"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content", "invalid_type"),
        (
            {"messages": [*HI, {"role": "user", "content": [{"type": "text"}]}]},
            "messages[1].content[0].text",
            "invalid_type",
        ),
        ({"messages": [{"role": "user", "content": [{"type": "smell"}]}]}, "messages[0].content[0]", "invalid_value"),
        (
            {"messages": [{"role": "assistant", "content": [{"type": "server_tool_use"}]}]},
            "messages[0].content[0]",
            "invalid_value",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "file"}}]}]},
            "messages[0].content[0].source",
            "unsupported_parameter",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "document", "source": {"type": "url"}}]}]},
            "messages[0].content[0].source",
            "unsupported_parameter",
        ),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "tools[0]", "unsupported_parameter"),
        ({"tools": [{"name": "f"}]}, "tools[0].input_schema", "invalid_type"),
        ({"tool_choice": {"type": "some"}}, "tool_choice", "invalid_value"),
        ({"container": "c1"}, "container", "unsupported_parameter"),
        ({"mcp_servers": [{}]}, "mcp_servers", "unsupported_parameter"),
        ({"inference_geo": "eu"}, "inference_geo", "unsupported_parameter"),
        ({"output_config": {"format": {"type": "xml"}}}, "output_config.format", "unsupported_parameter"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_code(fields: dict[str, Any], param: str, code: str) -> None:
    with pytest.raises(BadRequest) as raised:
        parse(raw(**fields))
    assert (raised.value.param, raised.value.code) == (param, code)


@pytest.mark.parametrize("sent", [b"{", b"[]", b"\xff"])
def test_what_is_no_json_object_is_refused(sent: bytes) -> None:
    with pytest.raises(BadRequest) as raised:
        parse(sent)
    assert raised.value.code == "invalid_json"


def test_an_envelope_lets_through_what_only_anthropic_understands() -> None:
    sent = raw(tools=[{"type": "web_search_20250305", "name": "web_search"}], container="c1")
    request = envelope(sent)
    assert (request.raw, request.model, request.stream, request.max_tokens) == (sent, "auto", False, 64)
