"""The events of a Messages stream: each names itself twice, and an answer ends with two."""

import orjson

from router.core.dialects.messages import events
from router.core.stream import EventSplitter, data_of


def parsed(written: bytes) -> list[dict[str, object]]:
    return [orjson.loads(data_of(one)) for one in EventSplitter().feed(written)]


def test_an_events_name_is_the_type_of_its_data() -> None:
    written = events.opened(0, {"type": "text", "text": ""})
    assert written.startswith(b"event: content_block_start\ndata: ")
    (data,) = parsed(written)
    assert data == {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}


def test_a_stream_begins_with_the_message_and_a_ping() -> None:
    assert [data["type"] for data in parsed(events.started({"id": "msg_1"}))] == ["message_start", "ping"]


def test_a_piece_is_a_delta_of_its_block() -> None:
    (data,) = parsed(events.added(2, "input_json_delta", "partial_json", '{"a'))
    assert (data["index"], data["delta"]) == (2, {"type": "input_json_delta", "partial_json": '{"a'})


def test_a_whole_answer_says_why_it_ended_and_then_that_it_did() -> None:
    delta, stop = parsed(events.ended({"stop_reason": "end_turn"}, {"output_tokens": 3}))
    assert (delta["delta"], delta["usage"]) == ({"stop_reason": "end_turn"}, {"output_tokens": 3})
    assert stop == {"type": "message_stop"}
