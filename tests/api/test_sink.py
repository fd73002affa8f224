"""A client's connection over ASGI: what is known goes out in one piece, a stream chunk by chunk."""

import asyncio
from typing import Any

import pytest

from router.api.sink import GONE, LINES, PIECE, REPLY, WHOLE, AsgiSink
from router.pipeline.sink import Start


class Wire:
    """Both ends of an ASGI connection."""

    def __init__(self, *incoming: dict[str, Any]) -> None:
        self.sent: list[Any] = []
        self._incoming = list(incoming)

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    async def receive(self) -> Any:
        return self._incoming.pop(0)

    @property
    def sink(self) -> AsgiSink:
        return AsgiSink(self.receive, self.send)


async def test_a_body_of_known_length_is_one_head_and_one_piece() -> None:
    wire = Wire()
    sink = wire.sink
    await sink.start(Start(200, "application/json", {"x-request-id": "1"}, 2))
    await sink.send(b"{}")
    await sink.end()
    head, body = wire.sent
    assert head["status"] == 200
    assert dict(head["headers"]) == {
        b"x-request-id": b"1",
        b"content-type": b"application/json",
        b"content-length": b"2",
    }
    assert body == {"type": "http.response.body", "body": b"{}", "more_body": False}


async def test_an_empty_body_is_a_body_of_known_length() -> None:
    wire = Wire()
    await wire.sink.start(Start(200, "application/json", {}, 0))
    assert (b"content-length", b"0") in wire.sent[0]["headers"]


async def test_a_stream_says_that_nobody_should_buffer_it_and_ends_once() -> None:
    wire = Wire()
    sink = wire.sink
    await sink.start(Start(200, "text/event-stream", {}))
    await sink.send(b"a")
    await sink.send(b"b")
    await sink.end()
    headers = dict(wire.sent[0]["headers"])
    assert (headers[b"cache-control"], headers[b"x-accel-buffering"]) == (b"no-cache", b"no")
    assert b"content-length" not in headers
    assert [(m["body"], m["more_body"]) for m in wire.sent[1:]] == [(b"a", True), (b"b", True), (b"", False)]


async def test_a_server_that_takes_header_lines_gets_ours_ready_made() -> None:
    wire, lines = Wire(), list[bytes]()
    sink = AsgiSink(wire.receive, wire.send, {"extensions": {LINES: lines.append}})
    await sink.start(Start(200, "application/json", {"x-request-id": "1", "x-router-rule": "käse-\N{SNOWMAN}"}, 0))
    assert lines == [b"x-request-id: 1\r\nx-router-rule: k\xe4se-?\r\n"]
    assert dict(wire.sent[0]["headers"]) == {b"content-type": b"application/json", b"content-length": b"0"}


async def test_a_server_that_takes_a_whole_reply_gets_it_at_once() -> None:
    wire, replies = Wire(), list[tuple[Any, ...]]()

    def takes(*reply: Any) -> bool:
        replies.append(reply)
        return True

    sink = AsgiSink(wire.receive, wire.send, {"extensions": {REPLY: takes}})
    await sink.start(Start(200, "application/json", {"x-request-id": "1"}, 2))
    assert replies == []
    await sink.send(b"{}")
    await sink.end()
    lines = b"x-request-id: 1\r\ncontent-type: application/json\r\ncontent-length: 2\r\n"
    assert replies == [(wire.send, 200, lines, b"{}")]
    assert wire.sent == []


async def test_a_whole_reply_that_the_server_cannot_take_now_is_sent_in_messages() -> None:
    wire = Wire()
    sink = AsgiSink(wire.receive, wire.send, {"extensions": {REPLY: lambda *reply: False}})
    await sink.start(Start(200, "application/json", {"x-request-id": "1"}, 2))
    await sink.send(b"{}")
    head, body = wire.sent
    assert dict(head["headers"])[b"x-request-id"] == b"1"
    assert body == {"type": "http.response.body", "body": b"{}", "more_body": False}


@pytest.mark.parametrize("size", [PIECE + 1, 3 * PIECE, 3 * PIECE + 7])
async def test_a_large_reply_is_handed_over_as_the_client_takes_it(size: int) -> None:
    wire, body = Wire(), (bytes(range(256)) * (size // 256 + 1))[:size]
    sink = AsgiSink(wire.receive, wire.send, {"extensions": {REPLY: lambda *reply: True}})
    await sink.start(Start(200, "application/json", {}, size))
    await sink.send(body)
    await sink.end()
    head, *pieces = wire.sent
    assert dict(head["headers"])[b"content-length"] == b"%d" % size
    assert b"".join(piece["body"] for piece in pieces) == body
    assert max(len(piece["body"]) for piece in pieces) == PIECE
    assert [piece["more_body"] for piece in pieces] == [True] * (len(pieces) - 1) + [False]


async def test_so_is_much_of_a_stream_that_was_held_back() -> None:
    wire = Wire()
    sink = wire.sink
    await sink.start(Start(200, "text/event-stream", {}))
    await sink.send(b"a" * (PIECE + 1))
    await sink.end()
    assert [(len(m["body"]), m["more_body"]) for m in wire.sent[1:]] == [(PIECE, True), (1, True), (0, False)]


async def test_a_stream_never_waits_for_its_body() -> None:
    wire = Wire()
    sink = AsgiSink(wire.receive, wire.send, {"extensions": {REPLY: lambda *reply: True}})
    await sink.start(Start(200, "text/event-stream", {}))
    assert [message["type"] for message in wire.sent] == ["http.response.start"]


@pytest.mark.parametrize("extension", [LINES, REPLY])
@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\n", "a\r", "a\0"])
async def test_a_ready_made_line_never_holds_a_second_one(value: str, extension: str) -> None:
    wire, lines = Wire(), list[bytes]()
    sink = AsgiSink(wire.receive, wire.send, {"extensions": {extension: lines.append}})
    with pytest.raises(ValueError, match="control character"):
        await sink.start(Start(200, "application/json", {"x-router-rule": value}, 0))
    assert not lines
    assert not wire.sent
    assert not sink.started


async def test_a_header_that_is_not_latin_is_sent_without_breaking_the_reply() -> None:
    wire = Wire()
    await wire.sink.start(Start(200, "application/json", {"x-router-rule": "käse-\N{SNOWMAN}"}, 0))
    assert dict(wire.sent[0]["headers"])[b"x-router-rule"] == b"k\xe4se-?"


async def test_gone_waits_for_the_hang_up_and_no_other_message() -> None:
    wire = Wire({"type": "http.request"}, {"type": "http.disconnect"})
    left = asyncio.Event()
    wire.sink.watch(left.set)
    await left.wait()
    assert wire.sent == []


async def test_who_stops_watching_is_told_nothing() -> None:
    wire = Wire()
    told: list[str] = []
    wire.sink.watch(lambda: told.append("left"))()
    await asyncio.sleep(0)
    assert told == []


async def test_a_server_that_tells_is_asked_and_nothing_is_received() -> None:
    wire = Wire()
    watched: list[Any] = []

    def tells(left: Any) -> Any:
        watched.append(left)
        return watched.clear

    unwatch = AsgiSink(wire.receive, wire.send, {"extensions": {GONE: tells}}).watch(print)
    assert watched == [print]
    unwatch()
    assert watched == []
    with pytest.raises(IndexError):
        await wire.receive()


async def test_a_content_type_that_no_header_can_carry_does_not_cost_the_reply() -> None:
    wire = Wire()
    await wire.sink.start(Start(200, "text/中文", {}, 2))
    assert (b"content-type", b"text/??") in wire.sent[0]["headers"]


@pytest.mark.parametrize("whole", [True, False])
async def test_a_server_that_knows_says_whether_the_request_is_whole(whole: bool) -> None:
    wire = Wire()
    assert AsgiSink(wire.receive, wire.send, {"extensions": {WHOLE: lambda: whole}}).is_asked_whole() is whole
    assert not wire.sink.is_asked_whole()
