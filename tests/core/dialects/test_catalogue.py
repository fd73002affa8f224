"""Requests of every dialect read, strictly where they must be translated and leniently where they need not."""

import json
from typing import Any

import orjson
import pytest

from router.core.dialects.catalogue import DIALECTS, http_error, request_in
from router.core.errors import BadRequest, NotReady, UpstreamRefused

BODIES: dict[str, dict[str, Any]] = {
    "completions": {"model": "auto", "prompt": "hi"},
    "responses": {"model": "auto", "input": "hi"},
    "messages": {"model": "auto", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]},
}


@pytest.mark.parametrize("name", BODIES)
def test_a_request_becomes_the_chat_that_it_means(name: str) -> None:
    request = request_in(name, orjson.dumps(BODIES[name]), {"anthropic-version": "2026-10-21"})
    assert request.body["messages"][-1] == {"role": "user", "content": "hi"}
    assert json.loads(request.raw) == request.body
    assert request.original is not None
    assert request.original.request.raw == orjson.dumps(BODIES[name])
    assert request.original.request.refused is None


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("completions", {"suffix": "end"}),
        ("responses", {"previous_response_id": "resp_1"}),
        ("messages", {"mcp_servers": [{}]}),
    ],
)
def test_what_a_chat_cannot_say_is_read_and_says_so(name: str, more: dict[str, object]) -> None:
    original = request_in(name, orjson.dumps(BODIES[name] | more), {}).original
    assert original is not None
    assert isinstance(original.request.refused, BadRequest)
    assert original.request.refused.param == next(iter(more))


@pytest.mark.parametrize("more", [{"encoding_format": "hex"}, {"dimensions": 0}])
def test_a_wrong_value_is_refused_where_nothing_is_ever_translated(more: dict[str, object]) -> None:
    with pytest.raises(BadRequest) as original:
        request_in("embeddings", orjson.dumps({"model": "e", "input": "hi"} | more), {})
    assert original.value.param == next(iter(more))


def test_no_dialect_asks_for_answers_without_end() -> None:
    request_in("completions", orjson.dumps(BODIES["completions"] | {"n": 128}), {})
    with pytest.raises(BadRequest, match="at most 128"):
        request_in("completions", orjson.dumps(BODIES["completions"] | {"n": 129}), {})


@pytest.mark.parametrize("name", BODIES)
def test_what_is_no_request_in_any_dialect_is_refused(name: str) -> None:
    with pytest.raises(BadRequest):
        request_in(name, b'{"model": "auto"}', {})


@pytest.mark.parametrize("name", BODIES)
def test_a_body_too_deep_to_be_written_again_is_the_clients_mistake(name: str) -> None:
    deep = orjson.dumps(BODIES[name])[:-1] + b',"x":' + b"[" * 300 + b"]" * 300 + b"}"
    with pytest.raises(BadRequest):
        request_in(name, deep, {})


def test_an_error_has_the_shape_of_its_dialect() -> None:
    error = NotReady("later", upstream="small")
    assert json.loads(http_error("messages", error)[2])["type"] == "error"
    for name in ("chat", "responses", "completions", "embeddings"):
        assert json.loads(http_error(name, error)[2])["error"]["code"] == "not_ready"


def test_a_refusal_keeps_its_status() -> None:
    error = UpstreamRefused("no", upstream="big", upstream_status=429, body=b'{"error":{"message":"slow down"}}')
    assert {http_error(name, error)[0] for name in ("chat", *DIALECTS)} == {429}
