"""Warnings that clients cause: one a minute, with the number of the others."""

import logging
import socket
import sys

import pytest

from router.api.sparing import Sparing
from tests.conftest import OpenHouse, Scripted

LOGGER = logging.getLogger("a server")


def warned(at: float, words: str = "Invalid HTTP request received.", level: int = logging.WARNING) -> logging.LogRecord:
    record = LOGGER.makeRecord(LOGGER.name, level, __file__, 1, words, (), None)
    record.created = at
    return record


def test_one_of_each_wording_is_let_through_a_minute_and_the_next_counts_the_others() -> None:
    sparing, told = Sparing(), list[str]()
    for second in range(0, 130, 1):
        for words in ("Invalid HTTP request received.", "Unsupported upgrade request."):
            record = warned(1000.0 + second, words)
            if sparing.filter(record):
                told.append(record.getMessage())
    assert told[:2] == ["Invalid HTTP request received.", "Unsupported upgrade request."]
    assert told[2] == "Invalid HTTP request received. (59 more like it in the 60 s before)"
    assert len(told) == 6


def test_a_quiet_time_later_it_is_told_as_ever() -> None:
    sparing = Sparing()
    sparing.filter(warned(0.0))
    later = warned(3600.0)
    assert sparing.filter(later)
    assert later.getMessage() == "Invalid HTTP request received."


def test_a_clock_set_back_silences_nobody() -> None:
    sparing = Sparing()
    sparing.filter(warned(5000.0))
    assert sparing.filter(warned(10.0))


def test_errors_and_tracebacks_are_all_told() -> None:
    sparing = Sparing()
    assert all(sparing.filter(warned(0.0, level=logging.ERROR)) for _ in range(3))
    try:
        raise ValueError("a bug")
    except ValueError:
        for _ in range(3):
            record = warned(0.0)
            record.exc_info = sys.exc_info()
            assert sparing.filter(record)


def test_a_thousand_malformed_requests_leave_one_line(
    scripted: Scripted, open_house: OpenHouse, caplog: pytest.LogCaptureFixture
) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    server = logging.getLogger("uvicorn.error")
    (sparing,) = (each for each in server.filters if isinstance(each, Sparing))
    server.removeFilter(sparing)
    server.addFilter(Sparing())  # one that has told nothing in the last minute
    for _ in range(1000):
        with socket.create_connection(("127.0.0.1", int(house.url.rpartition(":")[2])), 10) as line:
            line.sendall(b"what is this?\r\n\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 400")
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.getMessage() for record in told] == ["Invalid HTTP request received."]
