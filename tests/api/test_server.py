"""The server: the address it really took, a stop that waits for replies, a reload it may refuse."""

import json
import socket
import threading
from contextlib import suppress

import pytest

from router.api.server import Server
from router.api.wire import MAX_PIPELINED
from tests.conftest import OpenHouse, Scripted
from tests.standins.house import House


def test_it_announces_the_port_that_the_system_chose(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    assert house.url.startswith("http://127.0.0.1:")
    assert not house.url.endswith(":0")


def test_it_says_nothing_of_what_it_runs_on(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    assert "server" not in house.http.get("/healthz").headers


def test_there_is_no_loop_before_it_serves(scripted: Scripted, open_house: OpenHouse) -> None:
    runtime = open_house({"small": scripted(), "big": scripted()}).runtime
    server = Server(runtime, "127.0.0.1", 0, on_ready=lambda where: None)
    with pytest.raises(RuntimeError, match="not started"):
        _ = server.loop


def test_a_reply_under_way_is_finished_before_it_stops(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    small.slow("42")
    house = open_house({"small": small, "big": scripted()})
    replies: list[int] = []
    asking = threading.Thread(target=lambda: replies.append(house.ask().status_code))
    asking.start()
    small.asked.wait()
    house.server.stop()
    small.release(5)
    asking.join(30)
    house.close()
    assert replies == [200]
    assert [row["outcome"] for row in house.reopened("exchanges")] == ["answered"]


def test_after_it_stopped_nobody_listens(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    port = int(house.url.rpartition(":")[2])
    house.close()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_head_that_is_too_large_or_malformed_is_told_in_openais_words(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    start = b"GET /healthz HTTP/1.1\r\nhost: x\r\n"
    for sent, status, code, words in (
        (start + b"x-big: " + b"a" * 50_000 + b"\r\n\r\n", b"431", "headers_too_large", "32 KB"),
        (start + b"x-big: " + b"a" * 50_000, b"431", "headers_too_large", "32 KB"),
        (b"what is this?\r\n\r\n", b"400", "malformed_request", "Malformed HTTP request."),
    ):
        with socket.create_connection(("127.0.0.1", int(house.url.rpartition(":")[2])), 10) as line:
            line.sendall(sent)
            told = b"".join(iter(lambda: line.recv(65536), b""))
        assert told.split(b" ")[1] == status
        error = json.loads(told.partition(b"\r\n\r\n")[2])["error"]
        assert words in error["message"]
        assert (error["type"], error["code"]) == ("invalid_request_error", code)
    assert house.http.get("/healthz").status_code == 200


def heard(house: House, sent: bytes, more: bytes = b"") -> bytes:
    """All that comes back on a connection until the server closes it, while `more` is sent again and again."""
    with socket.create_connection(("127.0.0.1", int(house.url.rpartition(":")[2])), 30) as line:
        line.sendall(sent)
        with suppress(ConnectionError):
            while more:
                line.sendall(more)
        with suppress(ConnectionError):
            return b"".join(iter(lambda: line.recv(65536), b""))
    return b""


ENDLESS = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n"


def test_trailers_without_end_are_hung_up_on(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    for more in (b"a:b\r\n" * 1000, b"a" * 5000):
        heard(house, ENDLESS + b"0\r\n", more)  # it ends because the server closes
    assert house.http.get("/healthz").status_code == 200


def test_a_body_that_was_answered_before_its_end_has_a_moment_left_for_that(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    told = heard(house, b"GET /healthz HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n")
    assert told.startswith(b"HTTP/1.1 200")


def test_trailers_that_end_are_no_matter_and_the_connection_is_kept(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    once = b"GET /healthz HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\na: b\r\n\r\n"
    assert heard(house, once + once.replace(b"host", b"connection: close\r\nhost")).count(b"HTTP/1.1 200") == 2


def test_an_offer_of_http_2_is_ignored_and_the_body_read(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    small.says("forty two")
    house = open_house({"small": small, "big": scripted()})
    body = b'{"model": "small", "messages": [{"role": "user", "content": "h2c?"}]}'
    head = (
        b"POST /v1/chat/completions HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\ncontent-length: %d\r\n"
        b"host: 127.0.0.1\r\nHTTP2-Settings: AAEAAEAA\r\nUpgrade: h2c\r\ncontent-type: application/json\r\n\r\n"
    )
    told = heard(house, head % len(body) + body + b"GET /healthz HTTP/1.1\r\nconnection: close\r\nhost: x\r\n\r\n")
    assert told.count(b"HTTP/1.1 200") == 2
    assert b"forty two" in told


def test_an_offer_of_http_2_that_comes_in_two_packets_is_ignored(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    small.says("forty two")
    house = open_house({"small": small, "big": scripted()})
    body = b'{"model": "small", "messages": [{"role": "user", "content": "h2c?"}]}'
    start = b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nUpgrade: h"
    rest = b"2c\r\ncontent-length: %d\r\ncontent-type: application/json\r\n\r\n" % len(body)
    with socket.create_connection(("127.0.0.1", int(house.url.rpartition(":")[2])), 30) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.sendall(start)
        house.http.get("/healthz")  # by now the first packet has been read
        line.sendall(rest + body)
        assert b"forty two" in line.recv(65536)


def test_a_head_is_answered_though_no_body_follows(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    for path in ("/healthz", "/v1/models"):
        reply = house.http.head(path, timeout=5)
        assert (reply.status_code, reply.content) == (200, b"")


def test_a_body_that_is_slow_behind_an_answered_one_is_not_cut_off(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    start = b"GET /healthz HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n"
    with socket.create_connection(("127.0.0.1", int(house.url.rpartition(":")[2])), 30) as line:
        line.sendall(start)
        assert line.recv(65536).startswith(b"HTTP/1.1 200")
        line.sendall(b"0\r\n\r\n" + start)  # the first one ends, and the next begins
        assert line.recv(65536).startswith(b"HTTP/1.1 200")
        line.sendall(b"0\r\n\r\n" + start.replace(b"host", b"connection: close\r\nhost") + b"0\r\n\r\n")
        assert b"".join(iter(lambda: line.recv(65536), b"")).startswith(b"HTTP/1.1 200")


def question(name: str, *, version: str = "1.1", more: bytes = b"") -> bytes:
    """A request to the upstream `name`, as bytes."""
    body = b'{"model": "%b", "messages": [{"role": "user", "content": "who?"}]}' % name.encode()
    start = b"POST /v1/chat/completions HTTP/%b\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
    return start % version.encode() + more + b"content-length: %d\r\n\r\n" % len(body) + body


def test_replies_to_requests_sent_at_once_come_whole_and_in_their_order(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    small.says("the small one")
    big.says("the big one")
    house = open_house({"small": small, "big": big})
    asked = question("small") + question("big") + question("small", more=b"connection: close\r\n")
    told = heard(house, asked)
    assert told.count(b"HTTP/1.1 200 OK\r\n") == 3
    assert told.index(b"the small one") < told.index(b"the big one") < told.rindex(b"the small one")
    assert told.count(b"connection: close\r\n") == 1


def test_a_client_of_http_1_0_is_told_that_the_connection_ends(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    small.says("forty two")
    house = open_house({"small": small, "big": scripted()})
    head, _, body = heard(house, question("small", version="1.0")).partition(b"\r\n\r\n")
    assert b"connection: close" in head.split(b"\r\n")
    assert b"content-length: %d" % len(body) in head.split(b"\r\n")


def test_a_page_that_may_ask_may_read_a_whole_reply(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    small.says("forty two")
    house = open_house({"small": small, "big": scripted()})
    told = heard(house, question("small", more=b"origin: http://localhost:3000\r\nconnection: close\r\n"))
    assert b"access-control-allow-origin: http://localhost:3000\r\n" in told
    assert b"forty two" in told


def test_what_stands_before_a_head_in_the_same_packet_is_not_counted_to_it(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    body = b'{"model": "small", "x": "%b", "messages": [{"role": "user", "content": "hi"}]}' % (b"a" * 50_000)
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
    asked = head + b"content-length: %d\r\n\r\n" % len(body) + body
    begun, rest = b"GET /healthz HTTP/1.1\r\nho", b"st: x\r\nconnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", int(house.url.rpartition(":")[2])), 30) as line:
        line.sendall(asked + begun)
        answer = line.recv(65536)
        line.sendall(rest)
        answer += b"".join(iter(lambda: line.recv(65536), b""))
    assert answer.count(b"HTTP/1.1 200") == 2


def test_requests_that_wait_on_one_connection_are_answered_in_turn_and_too_many_are_hung_up_on(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    ask = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
    last = ask.replace(b"host", b"connection: close\r\nhost")
    assert heard(house, ask * (MAX_PIPELINED - 1) + last).count(b"HTTP/1.1 200") == MAX_PIPELINED
    assert heard(house, ask * 10 * MAX_PIPELINED).count(b"HTTP/1.1 200") <= MAX_PIPELINED + 1
    assert house.http.get("/healthz").status_code == 200


def test_more_is_read_only_once_all_that_wait_are_answered(scripted: Scripted, open_house: OpenHouse) -> None:
    """Else each answer would let in as many requests as a read holds, and memory would grow with what is sent."""
    house = open_house({"small": scripted(), "big": scripted()})
    ask = b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: " + b"a" * 6_000 + b"\r\n\r\n"
    last = ask.replace(b"host", b"connection: close\r\nhost")
    assert heard(house, ask * (5 * MAX_PIPELINED - 1) + last).count(b"HTTP/1.1 200") == 5 * MAX_PIPELINED
