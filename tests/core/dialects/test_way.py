"""How a call goes out and its answer comes back, by what the client and the upstream speak."""

import json
from typing import Any

import orjson
import pytest

from router.core.dialects.catalogue import request_in
from router.core.dialects.chat import parse
from router.core.dialects.way import ChatWay, NativeWay, TranslatedWay, broken_off, way_of
from router.core.errors import UpstreamFailed
from router.core.stream import Seen

HI = {"model": "auto", "messages": [{"role": "user", "content": "hi"}], "stream": True}
BROKEN = UpstreamFailed("it broke", upstream="small", code="stream_interrupted")


def event(value: Any) -> bytes:
    return b"data: " + (value.encode() if isinstance(value, str) else orjson.dumps(value)) + b"\n\n"


def chunk(delta: Any, finish: str | None = None, index: int = 0, **more: Any) -> bytes:
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return event({**head, "choices": [{"index": index, "delta": delta, "finish_reason": finish}], **more})


def told(way: ChatWay, *events: bytes) -> list[bytes]:
    return [said for one in events if (said := way.tell(one, way.tap.feed(one)))]


def chat_way(shown: str | None = None, **fields: Any) -> ChatWay:
    return way_of(parse(orjson.dumps(HI | fields)), frozenset({"chat"}), gather=True, shown=shown)


def foreign(name: str, body: dict[str, Any], *speaks: str, shown: str | None = None) -> ChatWay:
    request = request_in(name, orjson.dumps({"model": "auto", "stream": True} | body), {"anthropic-beta": "b"})
    return way_of(request, frozenset({"chat", *speaks}), gather=True, shown=shown)


def test_a_chat_stream_passes_byte_for_byte_without_the_usage_nobody_asked_for() -> None:
    way = chat_way()
    first, last = chunk({"role": "assistant", "content": "a"}), chunk({}, "stop")
    usage = event({"choices": [], "usage": {"prompt_tokens": 1}})
    assert told(way, first, last, usage, event("[DONE]")) == [first, last, event("[DONE]")]
    assert way.end() == b""


def test_the_first_delta_of_every_choice_carries_the_role() -> None:
    way = chat_way(n=2)
    said = told(way, chunk({"content": "a"}), chunk({"content": "b"}, index=1), chunk({"content": "c"}))
    roles = [json.loads(one[6:])["choices"][0]["delta"].get("role") for one in said]
    assert roles == ["assistant", "assistant", None]


def test_usage_told_beside_the_finish_comes_again_alone_before_the_end() -> None:
    way = chat_way(stream_options={"include_usage": True})
    said = told(way, chunk({"role": "assistant"}), chunk({"content": "a"}, "stop", usage={"prompt_tokens": 1}))
    end = way.end()
    assert len(said) == 2
    alone, done = end.split(b"\n\n")[:2]
    assert json.loads(alone[6:])["choices"] == []
    assert json.loads(alone[6:])["usage"] == {"prompt_tokens": 1}
    assert done == b"data: [DONE]"


def test_done_after_half_an_answer_is_not_passed_on() -> None:
    way = chat_way()
    assert told(way, event("[DONE]")) == []
    assert way.end() == b""
    assert b"[DONE]" not in way.fail(BROKEN)


MESSAGES: dict[str, Any] = {"max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize(
    ("name", "body", "ends"),
    [
        ("messages", MESSAGES, b"message_stop"),
        ("responses", {"input": "hi"}, b"response.completed"),
        ("completions", {"prompt": "hi"}, b"[DONE]"),
    ],
)
def test_a_chat_stream_is_told_in_the_clients_dialect_to_its_end(name: str, body: Any, ends: bytes) -> None:
    way = foreign(name, body, shown="mine")
    said = b"".join(told(way, b": ping\n\n", chunk({"content": "forty"}), chunk({}, "stop"), event("[DONE]")))
    assert isinstance(way, TranslatedWay)
    assert said.startswith(b": ping\n\n")
    assert b"forty" in said
    assert b'"mine"' in said
    assert ends in way.end()
    assert (way.path, dict(way.headers)) == ("/chat/completions", {})


@pytest.mark.parametrize(
    ("name", "body", "ends"),
    [("messages", MESSAGES, b"message_stop"), ("responses", {"input": "hi"}, b"completed")],
)
def test_a_translated_stream_that_breaks_has_an_error_and_no_end(name: str, body: Any, ends: bytes) -> None:
    way = foreign(name, body)
    told(way, chunk({"content": "forty"}))
    end = way.fail(BROKEN)
    assert b"event: error" in end
    assert ends not in end


def test_an_upstream_of_the_dialect_gets_the_bytes_the_client_sent() -> None:
    way = foreign("messages", MESSAGES, "messages")
    assert isinstance(way, NativeWay)
    assert (way.path, dict(way.headers)) == ("/messages", {"anthropic-beta": "b"})
    told = orjson.dumps({"model": "claude", "stream": True} | MESSAGES)
    assert way.as_it_came("claude", foreign=True) == (told, ())


def test_what_another_model_left_in_a_conversation_is_taken_out_on_its_way_to_anthropic() -> None:
    thought = {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm", "signature": ""}]}
    way = foreign("messages", MESSAGES | {"messages": [*MESSAGES["messages"], thought]}, "messages")
    body, notes = way.as_it_came("claude", foreign=True)
    assert json.loads(body)["messages"] == MESSAGES["messages"]
    assert notes == ("thinking of another model left out",)
    assert way.as_it_came("claude", foreign=False)[1] == ()


def test_what_an_upstream_of_the_dialect_refuses_is_left_out_and_nothing_else() -> None:
    way = foreign("messages", MESSAGES | {"top_k": 3, "metadata": {}}, "messages")
    body, notes = way.as_it_came("claude", foreign=False, rejects=frozenset({"top_k", "absent"}))
    assert json.loads(body).keys() == {"model", "stream", "metadata", *MESSAGES}
    assert notes == ("top_k left out",)


def test_a_native_stream_passes_as_it_came_and_is_understood() -> None:
    way = foreign("messages", MESSAGES, "messages")
    events = [
        b"event: %b\ndata: " % kind.encode() + orjson.dumps({"type": kind, **fields}) + b"\n\n"
        for kind, fields in (
            ("message_start", {"message": {"id": "msg_1", "model": "claude", "usage": {"input_tokens": 3}}}),
            ("ping", {}),
            ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
            ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": "forty"}}),
            ("content_block_stop", {"index": 0}),
            ("message_delta", {"delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}),
        )
    ]
    assert told(way, *events) == events
    assert not way.tap.complete
    assert way.tap.feed(b'event: message_stop\ndata: {"type":"message_stop"}\n\n') is not Seen.ERROR
    assert way.tap.complete
    assert way.tap.answer().message["content"] == "forty"
    assert way.tap.usage is not None
    assert (way.tap.usage["prompt_tokens"], way.tap.usage["completion_tokens"]) == (3, 5)
    assert way.end() == b""


def test_a_native_error_event_is_an_error() -> None:
    way = foreign("messages", MESSAGES, "messages")
    broken = b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"busy"}}\n\n'
    assert way.tap.feed(broken) is Seen.ERROR
    assert way.tap.error == {"type": "overloaded_error", "message": "busy"}


def test_native_text_asks_for_usage_and_hides_it_from_those_who_did_not() -> None:
    way = foreign("completions", {"prompt": "hi", "suffix": "end"}, "completions")
    assert json.loads(way.as_it_came("m", foreign=False)[0])["stream_options"] == {"include_usage": True}
    text = event({"id": "cmpl-1", "choices": [{"index": 0, "text": "a", "finish_reason": "stop"}]})
    usage = event({"choices": [], "usage": {"prompt_tokens": 1}})
    assert told(way, text, usage) == [text]
    assert way.end() == b"data: [DONE]\n\n"
    assert way.tap.usage == {"prompt_tokens": 1}


def test_the_name_asked_for_stands_where_each_dialect_has_it() -> None:
    way = foreign("messages", MESSAGES, "messages", shown="mine")
    begun = b'event: message_start\ndata: {"type":"message_start","message":{"id":"m","model":"claude"}}\n\n'
    (said,) = told(way, begun)
    assert json.loads(said.split(b"data: ")[1])["message"]["model"] == "mine"
    assert said.startswith(b"event: message_start\n")
    assert json.loads(way.reply(b'{"model":"claude"}', "application/json")[0]) == {"model": "mine"}


def test_a_whole_native_reply_is_read_as_the_chat_it_amounts_to() -> None:
    way = foreign("responses", {"input": "hi"}, "responses")
    body = orjson.dumps(
        {
            "id": "resp_1",
            "status": "completed",
            "output": [{"type": "message", "content": [{"type": "output_text", "text": "forty"}]}],
            "usage": {"input_tokens": 3, "output_tokens": 5},
        }
    )
    assert way.reply(body, "application/json") == (body, "application/json")
    read = way.read(body)
    assert read.answer.message["content"] == "forty"
    assert read.usage is not None
    assert read.usage["completion_tokens"] == 5


def test_a_stream_that_broke_ends_in_the_words_of_its_dialect_whether_or_not_a_call_had_begun() -> None:
    chat, messages = parse(orjson.dumps(HI)), {"max_tokens": 9, "messages": HI["messages"]}
    assert broken_off(chat, None, BROKEN) == broken_off(chat, chat_way(), BROKEN)
    assert b"it broke" in broken_off(chat, None, BROKEN)
    other = request_in("messages", orjson.dumps({"model": "auto", "stream": True} | messages), {})
    assert broken_off(other, None, BROKEN).startswith(b"event: error\n")
