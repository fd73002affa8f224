"""What is passed on is searched first: what is found stays, what cannot be read stays, and the body goes on whole."""

from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from router.core.upstream import Passage
from router.pipeline.dependencies import Dependencies
from router.pipeline.searching import MAX_BYTES, searched
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import opened_exchange

PRIVATE = """
policy: private
rules:
  - {name: stays-home, when: has_pii, plan: [small], local_only: true}
otherwise: {plan: [big]}
"""
CARD = b'{"input": "My card is 4111 1111 1111 1111"}'
PLAIN = b'{"input": "Good morning"}'
JSON, FORM = "application/json; charset=utf-8", "application/x-www-form-urlencoded"


async def pieces(body: bytes, size: int = 7) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def passage(body: bytes, content_type: str = JSON, query: str = "", size: int = 7) -> Passage:
    return Passage("POST", "files", query, {"content-type": content_type}, pieces(body, size))


@pytest.fixture
def deps(make_deps: MakeDeps, scripted: Scripted) -> Dependencies:
    return make_deps(scripted(), scripted(), PRIVATE)


@pytest.mark.parametrize(
    ("sent", "stays"),
    [
        (passage(PLAIN), False),
        (passage(CARD), True),
        (passage(b"card=4111+1111%201111+1111", FORM), True),
        (passage(PLAIN, query="card=4111%201111+1111+1111"), True),
        (passage(PLAIN, "text/plain"), False),
        (passage(b"\x89PNG", "image/png"), True),
        (passage(PLAIN, "multipart/form-data; boundary=b"), True),
        (Passage("GET", "files"), False),
        (passage(CARD.decode().encode("utf-16"), "application/json; charset=utf-16"), True),
        (passage(CARD.decode().encode("utf-16-le"), "text/plain"), True),
        (passage(b"input=%004%001%001%001", FORM), True),
        (passage(b'{"input": "data:text/plain;base64,%b"}' % b64encode(b"4111 1111 1111 1111"), JSON), True),
        (passage(b"\xff\xfe", "text/plain"), True),
    ],
    ids=[
        *("plain", "card", "form", "query", "text", "picture", "files", "no-body"),
        *("utf-16", "utf-16-unsaid", "utf-16-form", "data-address", "no-utf-8"),
    ],
)
async def test_what_is_found_and_what_cannot_be_read_stays(deps: Dependencies, sent: Passage, stays: bool) -> None:
    exchange = opened_exchange()
    await searched(deps, exchange, sent, deps.policies["private"])
    assert exchange.local_only == stays
    assert bool(exchange.reasons) == stays


@pytest.mark.parametrize("size", [len(PLAIN), MAX_BYTES + 1])
async def test_the_body_goes_on_byte_for_byte(deps: Dependencies, size: int) -> None:
    exchange, body = opened_exchange(), (PLAIN * (size // len(PLAIN) + 1))[:size]
    sent = await searched(deps, exchange, passage(body, size=1 << 20), deps.policies["private"])
    assert sent.body is not None
    assert b"".join([piece async for piece in sent.body]) == body
    assert exchange.local_only == (size > MAX_BYTES)


async def test_what_is_compressed_and_what_stands_in_a_header_is_searched_too(deps: Dependencies) -> None:
    for more in ({"content-encoding": "gzip"}, {"idempotency-key": "order-4111111111111111"}):
        sent, exchange = passage(PLAIN), opened_exchange()
        await searched(deps, exchange, replace(sent, headers={**sent.headers, **more}), deps.policies["private"])
        assert exchange.local_only


@pytest.mark.parametrize("when", ["images > 0", "prompt_tokens > 100", "pii.unseen"])
async def test_what_nobody_counts_in_a_body_that_is_no_chat_is_unknown(
    when: str, make_deps: MakeDeps, scripted: Scripted
) -> None:
    deps = make_deps(scripted(), scripted(), PRIVATE.replace("has_pii", when))
    sent, exchange = passage(b'{"image": "data:image/png;base64,iVBORw0KGgo="}'), opened_exchange()
    await searched(deps, exchange, sent, deps.policies["private"])
    assert exchange.local_only


async def test_a_policy_that_keeps_nothing_here_reads_nothing(deps: Dependencies) -> None:
    loose = replace(deps.policies["private"], rules=())
    sent, exchange = passage(CARD), opened_exchange()
    assert await searched(deps, exchange, sent, loose) is sent
    assert await searched(deps, exchange, sent, None) is sent
    assert (exchange.local_only, exchange.signals) == (False, {})


async def test_a_rule_about_something_else_needs_no_body(make_deps: MakeDeps, scripted: Scripted) -> None:
    deps = make_deps(scripted(), scripted(), PRIVATE.replace("has_pii", "key == 'ward'"))
    sent = passage(CARD)
    for key, stays in (("ward", True), ("ada", False)):
        exchange = opened_exchange(key=key)
        assert await searched(deps, exchange, sent, deps.policies["private"]) is sent
        assert exchange.local_only == stays
