"""Whatever comes, from a client or an upstream: an answer or a BadRequest, never another error."""

from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.core.dialects.messages.incoming import error_from_anthropic, from_anthropic
from router.core.dialects.messages.messages import Messages
from router.core.dialects.messages.outgoing import Claude, to_anthropic
from router.core.dialects.messages.passage import mended
from router.core.dialects.messages.reader import Reader
from router.core.errors import BadRequest

WORDS = st.sampled_from(
    "text image document search_result tool_use tool_result thinking redacted_thinking image_url file input_audio "
    "base64 url content function user assistant system tool developer auto any none enabled json_schema "
    "content_block_start content_block_delta content_block_stop message_start message_delta message_stop error "
    "text_delta input_json_delta signature_delta thinking_delta stop tool_calls {} data:a,b".split()
)
KEYS = st.sampled_from(
    "type text source content role id name input tool_use_id thinking signature data media_type url title context "
    "function arguments tool_calls tool_call_id image_url file file_data thinking_blocks cache_control index delta "
    "message content_block usage stop_reason partial_json schema json_schema format effort user_id input_schema "
    "budget_tokens refusal reasoning_content finish_reason choices citations input_tokens output_tokens".split()
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-2, 2) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=16,
)
BLOCK = st.dictionaries(KEYS, ANY, max_size=4).flatmap(lambda b: WORDS.map(lambda kind: {**b, "type": kind}))
CONTENT = ANY | st.lists(BLOCK, max_size=3)
TURN = st.builds(lambda m, r, c: {**m, "role": r, "content": c}, st.dictionaries(KEYS, ANY, max_size=3), WORDS, CONTENT)
FIELDS = st.dictionaries(
    st.sampled_from(
        "system stream tools tool_choice thinking metadata stop_sequences output_config service_tier stop n user "
        "response_format reasoning_effort temperature modalities parallel_tool_calls output_format max_tokens".split()
    ),
    ANY | st.lists(BLOCK, max_size=2) | BLOCK,
    max_size=3,
)
BODIES = st.builds(lambda f, m: {"model": "m", "max_tokens": 9, "messages": m, **f}, FIELDS, st.lists(TURN, max_size=3))
MANY = settings(max_examples=60, deadline=None)
REQUEST = Messages().parse(b'{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}')


@MANY
@given(BODIES)
def test_a_client_gets_a_chat_body_or_a_bad_request(body: dict[str, Any]) -> None:
    with suppress(BadRequest):
        assert Messages().parse(orjson.dumps(body)).chat["messages"]
    assert mended(body)[0]["model"] == "m"


@MANY
@given(BODIES)
def test_a_chat_client_gets_a_messages_body_or_a_bad_request(body: dict[str, Any]) -> None:
    with suppress(BadRequest):
        assert b'"messages"' in orjson.dumps(to_anthropic(body, Claude()).body)


@MANY
@given(st.dictionaries(KEYS, ANY | st.lists(BLOCK, max_size=3), max_size=6))
def test_an_upstream_that_talks_nonsense_breaks_nothing(said: dict[str, Any]) -> None:
    choices = {"choices": [{"message": said, "delta": said, **said}]}
    assert orjson.loads(Messages().reply(REQUEST, choices))["type"] == "message"
    writer = Messages().writer(REQUEST)
    assert (writer.feed(choices) + writer.feed(said) + writer.end()).endswith(b'data: {"type":"message_stop"}\n\n')
    assert orjson.dumps(from_anthropic(said, 7))
    assert error_from_anthropic(said)["error"]["message"]


@MANY
@given(st.lists(BLOCK | st.dictionaries(KEYS, BLOCK | ANY, max_size=4), max_size=4))
def test_a_stream_of_nonsense_breaks_nothing(events: list[dict[str, Any]]) -> None:
    reader = Reader(created=7)
    for each in events:
        assert reader.read(b"data: " + orjson.dumps(each) + b"\n\n").count(b"data: ") < 4


@pytest.mark.parametrize("delta", ["text", "thinking", "signature", "input_json"])
@pytest.mark.parametrize("nonsense", [7, [], {}, None, True])
def test_a_delta_of_the_wrong_type_breaks_nothing(delta: str, nonsense: Any) -> None:
    reader = Reader(created=7)
    start = {
        "type": "content_block_start",
        "index": nonsense,
        "content_block": {"type": "thinking", "thinking": nonsense},
    }
    inner = {"type": f"{delta}_delta", "text": nonsense, "thinking": nonsense, "signature": nonsense}
    added = {"type": "content_block_delta", "index": nonsense, "delta": {**inner, "partial_json": nonsense}}
    for event in ({"type": "message_start", "message": {"id": nonsense}}, start, added):
        assert all(chunk["id"] == "" for chunk in reader.feed(event))
    told = [{"thinking_blocks": [{"type": "thinking", **inner}]}, {"tool_calls": [{"index": nonsense, "id": nonsense}]}]
    writer = Messages().writer(REQUEST)
    written = b"".join(writer.feed({"choices": [{"delta": each}]}) for each in told)
    assert (written + writer.end()).endswith(b'data: {"type":"message_stop"}\n\n')
