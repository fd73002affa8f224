"""A head waits for the first of its body, and for nothing else."""

from typing import Any

from router.api.joined import Joined

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


class Pipe:
    """A transport that keeps every write apart."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, name: str) -> str:
        return f"the pipe's {name}"


def joined() -> tuple[Any, Pipe]:
    """A joined transport over a pipe."""
    pipe: Any = Pipe()
    return Joined(pipe), pipe


def test_head_and_body_go_out_in_one_write_and_what_follows_goes_out_as_it_comes() -> None:
    transport, pipe = joined()

    for data in (HEAD, b"hi", b"more"):
        transport.write(data)

    assert pipe.sent == [HEAD + b"hi", b"more"]


def test_a_reply_without_a_body_is_sent_too() -> None:
    transport, pipe = joined()

    transport.write(HEAD)
    assert pipe.sent == []
    transport.write(b"")

    assert pipe.sent == [HEAD]


def test_a_head_that_waits_is_sent_before_the_connection_closes() -> None:
    transport, pipe = joined()

    transport.write(HEAD)
    transport.close()

    assert pipe.sent[0] == HEAD
    assert transport.is_closing()


def test_an_interim_reply_and_one_that_is_whole_do_not_wait() -> None:
    transport, pipe = joined()
    interim, whole = b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\nbad"

    transport.write(interim)
    transport.write(whole)

    assert pipe.sent == [interim, whole]


def test_a_body_that_looks_like_a_head_follows_its_own_head_at_once() -> None:
    transport, pipe = joined()

    transport.write(HEAD)
    transport.write(HEAD)

    assert pipe.sent == [HEAD + HEAD]


def test_whatever_else_is_asked_of_it_the_connection_answers() -> None:
    transport, _ = joined()

    assert transport.get_extra_info("peername") == "the pipe's peername"


def test_to_a_client_that_has_left_nothing_is_sent() -> None:
    transport, pipe = joined()
    transport.write(HEAD)
    pipe.close()

    transport.write(b"hi")
    transport.close()

    assert pipe.sent == []
