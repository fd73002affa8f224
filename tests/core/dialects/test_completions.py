"""Legacy completions: prompts in, texts out, streamed and not."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types import Completion

from router.core.dialects.completions import Completions
from router.core.errors import BadRequest, NotReady

DIALECT = Completions()


def raw(**fields: Any) -> bytes:
    return orjson.dumps({"model": "auto", "prompt": "Once", **fields})


def refused(**fields: Any) -> tuple[str | None, str | None]:
    with pytest.raises(BadRequest) as raised:
        DIALECT.parse(raw(**fields))
    return raised.value.param, raised.value.code


def chat(message: dict[str, Any], reason: str = "stop", **fields: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": reason, "logprobs": None}
    return {"id": "chatcmpl-7", "object": "chat.completion", "created": 5, "model": "m", "choices": [choice], **fields}


def chunk(delta: dict[str, Any], reason: str | None = None, **fields: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {
        "id": "chatcmpl-7",
        "object": "chat.completion.chunk",
        "created": 5,
        "model": "m",
        "choices": [choice],
        **fields,
    }


def told(events: bytes) -> list[Any]:
    return [json.loads(event[6:]) for event in events.decode().split("\n\n") if event and event != "data: [DONE]"]


def test_a_prompt_is_what_the_user_says_and_the_rest_rides_along() -> None:
    request = DIALECT.parse(raw(max_tokens=5, temperature=0, stop=["\n"], top_k=3, stream=True))
    assert request.chat["messages"] == [{"role": "user", "content": "Once"}]
    assert {"max_tokens": 5, "temperature": 0, "stop": ["\n"], "top_k": 3}.items() <= request.chat.items()
    assert (request.max_tokens, request.stream, request.wants_usage, request.stripped) == (5, True, False, ())


def test_a_list_of_one_prompt_is_that_prompt() -> None:
    assert DIALECT.parse(raw(prompt=["Once"])).chat["messages"][0]["content"] == "Once"


def test_logprobs_is_a_number_there_and_two_fields_in_chat() -> None:
    asked = DIALECT.parse(raw(logprobs=3)).chat
    assert (asked["logprobs"], asked["top_logprobs"]) == (True, 3)
    assert "logprobs" not in DIALECT.parse(raw(logprobs=None)).chat


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": ["a", "b"]},
        {"prompt": [1, 2]},
        {"prompt": [[1], [2]]},
        {"suffix": "end"},
        {"best_of": 3},
        {"echo": True, "logprobs": 1},
        {"tools": [{}]},
        {"messages": []},
    ],
)
def test_what_a_chat_cannot_do_is_refused_and_only_noted_for_a_native_upstream(fields: dict[str, Any]) -> None:
    first = next(iter(fields))
    assert refused(**fields) == (first, "unsupported_parameter")
    assert Completions(native=True).parse(raw(**fields)).stripped == (first,)


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"prompt": None}, "prompt", "missing_required_parameter"),
        ({"prompt": []}, "prompt", "missing_required_parameter"),
        ({"prompt": 7}, "prompt", "invalid_type"),
        ({"prompt": ["a", 1]}, "prompt", "invalid_type"),
        ({"prompt": ["a"] * 10_001}, "prompt", "array_above_max_length"),
        ({"logprobs": True}, "logprobs", "invalid_type"),
        ({"stream": "yes"}, "stream", "invalid_type"),
        ({"stream_options": 1}, "stream_options", "invalid_type"),
    ],
)
def test_a_mistake_is_told_with_its_place(fields: dict[str, Any], param: str, code: str) -> None:
    assert refused(**fields) == (param, code)


def test_fields_that_change_nothing_are_no_reason_to_refuse() -> None:
    assert DIALECT.parse(raw(suffix="", best_of=1, echo=False)).stripped == ()
    assert DIALECT.parse(raw(best_of=2, n=2)).chat["n"] == 2


def test_a_reply_is_a_text_completion_with_the_usage_as_it_came() -> None:
    usage = {
        "prompt_tokens": 3,
        "completion_tokens": 2,
        "total_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 1},
    }
    reply = json.loads(
        DIALECT.reply(DIALECT.parse(raw()), chat({"content": " upon"}, usage=usage, system_fingerprint="f"))
    )
    Completion.model_validate(reply, strict=True)
    assert reply["choices"] == [{"text": " upon", "index": 0, "logprobs": None, "finish_reason": "stop"}]
    assert (reply["id"], reply["object"], reply["usage"], reply["system_fingerprint"]) == (
        "cmpl-7",
        "text_completion",
        usage,
        "f",
    )


def test_echo_puts_the_prompt_before_the_answer() -> None:
    request = DIALECT.parse(raw(echo=True))
    assert json.loads(DIALECT.reply(request, chat({"content": " upon"})))["choices"][0]["text"] == "Once upon"


def test_a_refusal_is_text_and_a_cut_answer_says_length() -> None:
    request = DIALECT.parse(raw())
    choice = json.loads(DIALECT.reply(request, chat({"content": None, "refusal": "No."}, "length")))["choices"][0]
    assert (choice["text"], choice["finish_reason"]) == ("No.", "length")


def test_log_probabilities_are_four_columns() -> None:
    top = [{"token": "a", "logprob": -0.1}, {"token": "b", "logprob": -2.0}]
    tokens = [
        {"token": "ab", "logprob": -0.1, "top_logprobs": top},
        {"token": "c", "logprob": -0.2, "top_logprobs": []},
    ]
    answer = chat({"content": "abc"})
    answer["choices"][0]["logprobs"] = {"content": tokens}
    shown = json.loads(DIALECT.reply(DIALECT.parse(raw(logprobs=2)), answer))["choices"][0]["logprobs"]
    assert shown == {
        "tokens": ["ab", "c"],
        "token_logprobs": [-0.1, -0.2],
        "top_logprobs": [{"a": -0.1, "b": -2.0}, {}],
        "text_offset": [0, 2],
    }


def test_a_stream_has_no_chunk_for_the_role_and_ends_with_done() -> None:
    writer = DIALECT.writer(DIALECT.parse(raw(stream=True)))
    assert writer.feed(chunk({"role": "assistant", "content": ""})) == b""
    assert told(writer.feed(chunk({"content": "a"})))[0]["choices"][0]["text"] == "a"
    assert told(writer.feed(chunk({}, "stop")))[0]["choices"][0]["finish_reason"] == "stop"
    assert writer.end() == b"data: [DONE]\n\n"


@pytest.mark.parametrize("asked", [True, False])
def test_the_usage_chunk_comes_only_when_asked_for(asked: bool) -> None:
    writer = DIALECT.writer(DIALECT.parse(raw(stream=True, stream_options={"include_usage": asked})))
    first = told(writer.feed(chunk({"content": "a"})))[0]
    last = told(writer.feed({"id": "chatcmpl-7", "choices": [], "usage": {"total_tokens": 3}}))
    assert ("usage" in first) is asked
    assert [one["usage"] for one in last] == ([{"total_tokens": 3}] if asked else [])


def test_errors_have_openais_shape_streamed_or_not() -> None:
    assert json.loads(DIALECT.http_error(NotReady("later", upstream="small"))[2])["error"]["code"] == "not_ready"
    assert DIALECT.error_event(NotReady("later", upstream="small")).startswith(b'data: {"error":')


@settings(max_examples=50, deadline=None)
@given(pieces=st.lists(st.text(max_size=8), max_size=6), echo=st.booleans(), reason=st.sampled_from(["stop", "length"]))
def test_a_stream_put_together_is_the_reply(pieces: list[str], echo: bool, reason: str) -> None:
    request = DIALECT.parse(raw(stream=True, echo=echo))
    writer = DIALECT.writer(request)
    chunks = [chunk({"role": "assistant"}), *(chunk({"content": piece}) for piece in pieces), chunk({}, reason)]
    shown = [one["choices"][0] for event in chunks for one in told(writer.feed(event))]
    whole = json.loads(DIALECT.reply(request, chat({"content": "".join(pieces)}, reason)))["choices"][0]
    assert "".join(choice["text"] for choice in shown) == whole["text"]
    assert shown[-1]["finish_reason"] == whole["finish_reason"]
