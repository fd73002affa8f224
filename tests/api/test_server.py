"""The server: the address it really took, a stop that waits for replies, a reload it may refuse."""

import socket
import threading

import pytest

from router.api.server import Server
from tests.conftest import OpenHouse, Scripted


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


def test_a_head_that_is_too_large_or_no_http_is_told_in_openais_words(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    start = b"GET /healthz HTTP/1.1\r\nhost: x\r\n"
    for sent, status, words in (
        (start + b"x-big: " + b"a" * 50_000 + b"\r\n\r\n", b"431", b"32 KB"),
        (start + b"x-big: " + b"a" * 50_000, b"431", b"32 KB"),
        (b"what is this?\r\n\r\n", b"400", b"no HTTP"),
    ):
        with socket.create_connection(("127.0.0.1", int(house.url.rpartition(":")[2])), 10) as line:
            line.sendall(sent)
            told = b"".join(iter(lambda: line.recv(65536), b""))
        assert told.split(b" ")[1] == status
        assert words in told
        assert b'"type": "invalid_request_error"' in told
    assert house.http.get("/healthz").status_code == 200
