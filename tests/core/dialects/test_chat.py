"""The chat dialect: what is read, what is refused and where, and how errors look."""

import json
from typing import Any

import orjson
import pytest

from router.core.dialects.chat import MAX_MESSAGES, MAX_TOOLS, error_body, error_event, http_error, parse
from router.core.errors import BadRequest, NotReady, TooLarge, UpstreamRefused

HI = [{"role": "user", "content": "hi"}]


def raw(**fields: Any) -> bytes:
    return orjson.dumps({"model": "auto", "messages": HI, **fields})


def test_what_the_router_reads_is_read_and_the_bytes_are_kept() -> None:
    sent = raw(stream=True, max_tokens=5, odd={"a": 1})
    request = parse(sent)
    assert (request.raw, request.model, request.stream, request.max_tokens) == (sent, "auto", True, 5)
    assert request.wants_usage is False


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        ({}, None),
        ({"max_tokens": 0}, 0),
        ({"max_tokens": 5, "max_completion_tokens": 9}, 9),
        ({"max_tokens": None}, None),
    ],
)
def test_the_newer_name_of_the_limit_wins(fields: dict[str, Any], limit: int | None) -> None:
    assert parse(raw(**fields)).max_tokens == limit
    assert parse(raw(**fields)).most_tokens == limit
    assert parse(raw(n=3, **fields)).most_tokens == (None if limit is None else 3 * limit)


@pytest.mark.parametrize(
    ("sent", "param", "code"),
    [
        (b"{", None, "invalid_json"),
        (b"7", None, "invalid_json"),
        (orjson.dumps({"messages": HI}), "model", "missing_required_parameter"),
        (raw(model=""), "model", "missing_required_parameter"),
        (raw(messages=[]), "messages", "missing_required_parameter"),
        (raw(n=129), "n", "integer_above_max_value"),
        (raw(messages=[*HI, "hi"]), "messages[1]", "invalid_type"),
        (raw(messages=[{"content": "hi"}]), "messages[0]", "invalid_type"),
        (raw(messages=HI * (MAX_MESSAGES + 1)), "messages", "array_above_max_length"),
        (raw(tools=[1]), "tools", "invalid_type"),
        (raw(tools=[{}] * (MAX_TOOLS + 1)), "tools", "array_above_max_length"),
        (raw(stream="yes"), "stream", "invalid_type"),
        (raw(stream_options=[]), "stream_options", "invalid_type"),
        (raw(max_tokens=True), "max_tokens", "invalid_type"),
        (raw(max_completion_tokens=1.5), "max_completion_tokens", "invalid_type"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_code(sent: bytes, param: str | None, code: str) -> None:
    with pytest.raises(BadRequest) as raised:
        parse(sent)
    assert (raised.value.param, raised.value.code) == (param, code)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (raw(stream="yes"), "`stream` must be a boolean."),
        (raw(stream_options=[]), "`stream_options` must be an object."),
        (raw(tools=[{}] * (MAX_TOOLS + 1)), f"`tools` may have at most {MAX_TOOLS} entries."),
    ],
)
def test_what_a_field_must_be_is_told_in_the_words_of_json(sent: bytes, words: str) -> None:
    with pytest.raises(BadRequest) as raised:
        parse(sent)
    assert raised.value.message == words


def test_a_whole_request_leaves_with_its_model_replaced_and_nothing_else() -> None:
    assert parse(raw(top_k=5)).encoded("m1") == raw(top_k=5).replace(b'"auto"', b'"m1"')


def test_a_stream_asks_for_usage_and_keeps_the_clients_other_options() -> None:
    body = json.loads(parse(raw(stream=True, stream_options={"x": 1})).encoded("m1"))
    assert body["stream_options"] == {"x": 1, "include_usage": True}


def test_a_client_that_asked_for_usage_is_left_as_it_asked() -> None:
    request = parse(raw(stream=True, stream_options={"include_usage": True}))
    assert request.wants_usage is True
    assert request.encoded("auto") == request.raw


def test_a_model_name_with_quotes_stays_one_string() -> None:
    assert json.loads(parse(raw()).encoded('a"b\\'))["model"] == 'a"b\\'


def test_an_error_has_openais_four_fields() -> None:
    error = json.loads(error_body(BadRequest("no", param="n", code="invalid_type")))["error"]
    assert error == {"message": "no", "type": "invalid_request_error", "param": "n", "code": "invalid_type"}


def test_an_error_in_a_stream_is_one_event() -> None:
    event = error_event(TooLarge("no"))
    assert event.startswith(b'data: {"error":')
    assert event.endswith(b"\n\n")


def test_a_refusal_goes_back_as_it_came() -> None:
    body = b'{ "error":{"message":"no","type":"t","param":null,"code":"c", "odd":1.0} }'
    refusal = UpstreamRefused("no", upstream="big", upstream_status=422, body=body)
    assert http_error(refusal) == (422, "application/json", body)


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b"<no>", "upstream_error", "told"),
        (b'{"detail": "no"}', "upstream_error", "told"),
        (b'{"error": "no"}', "upstream_error", "told"),
        (
            b'{"error":{"code":400,"message":"long","type":"exceed_context_size_error","n_ctx":8}}',
            "context_length_exceeded",
            "long",
        ),
        (b'{"error":{"message":"busy","type":null,"code":"c"}}', "c", "busy"),
    ],
)
def test_a_refusal_in_another_shape_is_told_in_openais(body: bytes, code: str, message: str) -> None:
    known = {"context_length_exceeded": "exceed_context_size_error", "c": "c"}.get(code)
    refusal = UpstreamRefused("told", upstream="big", upstream_status=400, body=body, code=known)
    status, content_type, shown = http_error(refusal)
    error = json.loads(shown)["error"]
    assert (status, content_type, error["code"], error["message"]) == (400, "application/json", code, message)
    assert {"type", "param"} <= error.keys()
    assert isinstance(error["type"], str)


def test_a_refusal_without_words_gets_ours() -> None:
    status, content_type, body = http_error(UpstreamRefused("no", upstream="big", upstream_status=404))
    assert (status, content_type, json.loads(body)["error"]["message"]) == (404, "application/json", "no")


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_of_our_key_is_a_502_in_our_words(status: int) -> None:
    refusal = UpstreamRefused("sk-ours is wrong", upstream="big", upstream_status=status, body=b"sk-ours is wrong")
    shown, _, body = http_error(refusal)
    assert shown == 502
    assert b"sk-ours" not in body
    assert json.loads(body)["error"]["code"] == "upstream_auth"


def test_any_other_error_has_its_own_status() -> None:
    assert http_error(NotReady("later", upstream="small"))[0] == 503
