"""The dialect as a whole: strict before a chat, lenient before its own kind, and tokens counted."""

import orjson
import pytest

from router.core.dialects.messages.messages import Messages, count_tokens
from router.core.errors import BadRequest, UpstreamFailed

BODY = {"model": "auto", "max_tokens": 9, "messages": [{"role": "user", "content": "x" * 400}]}
HOSTED = BODY | {"tools": [{"type": "web_search_20250305", "name": "web_search"}]}


def test_a_hosted_tool_is_noted_where_an_upstream_of_its_own_may_answer() -> None:
    asked = Messages(native=True).parse(orjson.dumps(HOSTED))
    assert "tools" in asked.stripped
    with pytest.raises(BadRequest):
        Messages().parse(orjson.dumps(HOSTED))


def test_an_error_has_anthropics_shape_whole_and_in_a_stream() -> None:
    error = UpstreamFailed("it broke", upstream="big")
    status, content_type, body = Messages().http_error(error)
    assert (status, content_type) == (502, "application/json")
    assert orjson.loads(body)["type"] == "error"
    assert Messages().error_event(error).startswith(b"event: error\ndata: ")


def test_tokens_are_characters_over_four_and_need_no_limit() -> None:
    body = {name: value for name, value in BODY.items() if name != "max_tokens"}
    counted = orjson.loads(count_tokens(orjson.dumps(body)))["input_tokens"]
    longer = orjson.loads(count_tokens(orjson.dumps(body | {"system": "y" * 400})))["input_tokens"]
    assert 100 <= counted < 110
    assert longer >= counted + 100
