"""A chat body becomes what Ollama's `/api/chat` documents, and nothing is said that it would misread."""

from typing import Any

import orjson
import pytest

from router.core.errors import UpstreamRefused
from router.core.fallback import Course, course_of
from router.upstreams.ollama.request import ModelOptions, load_order, native

PIXEL = "iVBORw0KGgo="
TOOL = {"type": "function", "function": {"name": "get_time", "parameters": {"type": "object"}}}


def said(model: ModelOptions | None = None, **body: Any) -> dict[str, Any]:
    whole = {"model": "x", "messages": [{"role": "user", "content": "hi"}], **body}
    return dict(orjson.loads(native("small", whole, model or ModelOptions("qwen3:4b"))))


def test_the_server_is_told_to_refuse_what_it_would_have_cut() -> None:
    body = said(ModelOptions("qwen3:4b", window=8192))
    assert (body["truncate"], body["shift"], body["options"]) == (False, False, {"num_ctx": 8192})
    assert body["model"] == "qwen3:4b"


def test_a_client_cannot_load_the_model_anew_with_another_window() -> None:
    assert said(options={"num_ctx": 131072, "num_gpu": 1})["options"] == {"num_gpu": 1}
    assert said(ModelOptions("m", window=512), options={"num_ctx": 9})["options"] == {"num_ctx": 512}


def test_sampling_goes_into_the_options() -> None:
    body = said(temperature=0.2, top_p=0.9, seed=7, stop="END", presence_penalty=0.5, frequency_penalty=0.1)
    assert body["options"] == {
        "temperature": 0.2,
        "top_p": 0.9,
        "seed": 7,
        "stop": ["END"],
        "presence_penalty": 0.5,
        "frequency_penalty": 0.1,
    }


@pytest.mark.parametrize(
    ("limits", "predicted"),
    [({"max_tokens": 5}, 5), ({"max_completion_tokens": 7, "max_tokens": 5}, 7), ({"max_completion_tokens": 0}, 0)],
)
def test_the_newer_limit_wins_and_zero_is_a_limit(limits: dict[str, Any], predicted: int) -> None:
    assert said(**limits)["options"]["num_predict"] == predicted


@pytest.mark.parametrize(
    ("asked", "form"),
    [
        ({"type": "text"}, None),
        ({"type": "json_object"}, "json"),
        ({"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}, {"type": "object"}),
        ({"type": "json_schema", "json_schema": {"name": "bare"}}, "json"),
    ],
)
def test_structured_output_is_the_format(asked: dict[str, Any], form: Any) -> None:
    assert said(response_format=asked).get("format") == form


def test_pictures_travel_as_bytes_and_nothing_is_fetched() -> None:
    parts = [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
    ]
    (message,) = said(messages=[{"role": "user", "content": parts}])["messages"]
    assert message == {"role": "user", "content": "What is it?", "images": [PIXEL]}
    away = [{"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}}]
    with pytest.raises(UpstreamRefused, match="image_url"):
        said(messages=[{"role": "user", "content": away}])


def test_a_conversation_with_tools_keeps_names_ids_and_arguments() -> None:
    call = {"id": "call_7", "type": "function", "function": {"name": "get_time", "arguments": '{"zone":"UTC"}'}}
    body = said(
        tools=[TOOL],
        messages=[
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": "What time is it?"},
            {"role": "assistant", "content": None, "tool_calls": [call], "reasoning_content": "look it up"},
            {"role": "tool", "tool_call_id": "call_7", "content": "noon"},
        ],
    )
    system, _, assistant, tool = body["messages"]
    assert system["role"] == "system"
    assert assistant["tool_calls"] == [{"id": "call_7", "function": {"name": "get_time", "arguments": {"zone": "UTC"}}}]
    assert (assistant["content"], assistant["thinking"]) == ("", "look it up")
    assert tool == {"role": "tool", "content": "noon", "tool_name": "get_time", "tool_call_id": "call_7"}
    assert body["tools"] == [TOOL]


@pytest.mark.parametrize(("text", "given"), [("", {}), ("not json", {"text": "not json"}), ("[1]", {"value": [1]})])
def test_arguments_that_are_no_object_become_one(text: str, given: dict[str, Any]) -> None:
    call = {"id": "c", "function": {"name": "f", "arguments": text}}
    (message,) = said(messages=[{"role": "assistant", "content": "", "tool_calls": [call]}])["messages"]
    assert message["tool_calls"][0]["function"]["arguments"] == given


def test_tool_choice_none_takes_the_tools_away() -> None:
    assert "tools" not in said(tools=[TOOL], tool_choice="none")


@pytest.mark.parametrize(
    "field",
    [
        {"n": 2},
        {"tool_choice": "required"},
        {"tool_choice": {"type": "function", "function": {"name": "f"}}},
        {"logit_bias": {"1": 5}},
        {"functions": [{}]},
        {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}]},
    ],
)
def test_what_this_api_cannot_say_is_refused_so_that_the_next_step_is_asked(field: dict[str, Any]) -> None:
    with pytest.raises(UpstreamRefused) as refused:
        said(**field)
    assert course_of(refused.value, retried=False) is Course.FALL_ON
    assert orjson.loads(refused.value.body)["error"]["code"] == "unsupported_value"


@pytest.mark.parametrize(
    ("effort", "think"), [("none", False), ("minimal", "low"), ("medium", "medium"), ("xhigh", "high"), (None, "low")]
)
def test_effort_is_said_to_a_model_that_thinks_and_to_no_other(effort: str | None, think: Any) -> None:
    body = {"reasoning_effort": effort} if effort else {}
    assert said(ModelOptions("m", think="low", thinks=True), **body)["think"] == think
    assert "think" not in said(ModelOptions("m", think="low"), **body)


def test_logprobs_and_keep_alive_are_asked_for_in_its_words() -> None:
    body = said(ModelOptions("m", keep_alive="24h"), logprobs=True, top_logprobs=3)
    assert (body["logprobs"], body["top_logprobs"], body["keep_alive"]) == (True, 3, "24h")
    assert "top_logprobs" not in said(top_logprobs=3)


def test_an_order_to_load_asks_nothing_and_names_the_same_window() -> None:
    order = orjson.loads(load_order(ModelOptions("m", window=2048, keep_alive=-1)))
    assert order == {"model": "m", "messages": [], "stream": False, "options": {"num_ctx": 2048}, "keep_alive": -1}
