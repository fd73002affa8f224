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
