"""Anthropic's own answers read as chat."""

from router.core.dialects.native.messages import MessageReader

USAGE = {"input_tokens": 2, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 4, "output_tokens": 5}


def test_the_end_is_message_stop_and_nothing_before_it() -> None:
    reader = MessageReader()
    reader.feed({"type": "message_start", "message": {"id": "msg_1", "usage": USAGE}})
    reader.feed({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}})
    assert not reader.ended
    (last,) = reader.feed({"type": "message_stop"})
    assert reader.ended
    assert last["usage"]["prompt_tokens_details"] == {"cached_tokens": 3, "cache_write_tokens": 4}


def test_a_whole_reply_keeps_every_bucket_of_its_usage() -> None:
    reply = {"id": "msg_1", "content": [{"type": "text", "text": "hi"}], "stop_reason": "end_turn", "usage": USAGE}
    told = MessageReader().whole(reply)
    assert told["choices"][0]["message"]["content"] == "hi"
    assert (told["usage"]["prompt_tokens"], told["usage"]["completion_tokens"]) == (9, 5)


def test_the_first_chunk_tells_the_prompts_count_lest_the_stream_be_cut() -> None:
    reader = MessageReader()
    (first,) = reader.feed({"type": "message_start", "message": {"id": "msg_1", "usage": USAGE}})
    assert first["usage"]["prompt_tokens"] == 9
    assert "usage" not in reader.feed({"type": "message_delta", "delta": {"stop_reason": "end_turn"}})[0]
