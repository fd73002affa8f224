"""The hot route's own last handler: a bug is a plain 500 to the client and whole in the log."""

import json
import logging
from typing import Any

import pytest

from router.api.chat import ChatEndpoint, headers_of


class Broken:
    """A runtime with a bug: nobody can open an exchange on it."""

    @property
    def line(self) -> Any:
        raise ZeroDivisionError("the bug itself")


async def receive() -> dict[str, Any]:
    """A connection whose request has no body."""
    return {"type": "http.request", "body": b"", "more_body": False}


SCOPE = {"type": "http", "method": "POST", "path": "/v1/chat/completions", "headers": []}


async def test_a_bug_is_logged_whole_and_told_as_a_plain_500(caplog: pytest.LogCaptureFixture) -> None:
    sent: list[dict[str, Any]] = []
    runtime: Any = Broken()

    async def send(message: Any) -> None:
        sent.append(message)

    with caplog.at_level(logging.ERROR, "smallfirst"):
        await ChatEndpoint(runtime)(SCOPE, receive, send)

    start, body = sent
    assert start["status"] == 500
    assert body["more_body"] is False
    assert json.loads(body["body"])["error"]["code"] == "internal_error"
    assert b"the bug itself" not in body["body"]
    assert "the bug itself" in caplog.text


async def test_of_a_header_sent_twice_the_first_counts() -> None:
    scope = {"headers": [(b"x-router-policy", b"one"), (b"host", b"caf\xe9"), (b"x-router-policy", b"two")]}

    assert headers_of(scope) == {"x-router-policy": "one", "host": "café"}
