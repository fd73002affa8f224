"""Compressed bodies: made plain, broken ones told, and none beyond the limit."""

import gzip
import tracemalloc
import zlib

import pytest

from router.api.unpacking import encoding_of, unpacked
from router.core.errors import BadRequest, TooLarge, UnsupportedEncoding

BODY = b'{"model": "auto"}' * 100
MB = 1 << 20


def raw_deflate(body: bytes) -> bytes:
    squeezer = zlib.compressobj(wbits=-15)
    return squeezer.compress(body) + squeezer.flush()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(BODY)),
        ("gzip", gzip.compress(BODY[:50]) + gzip.compress(BODY[50:])),
        ("deflate", zlib.compress(BODY)),
        ("deflate", raw_deflate(BODY)),
    ],
    ids=["gzip", "two members", "deflate with its head", "deflate without"],
)
async def test_each_form_is_made_plain(encoding: str, packed: bytes) -> None:
    assert await unpacked(packed, encoding, MB) == BODY


@pytest.mark.parametrize(
    "packed",
    [b"", b"x", gzip.compress(BODY)[:-9], gzip.compress(BODY) + b"rest", BODY],
    ids=["nothing", "a letter", "half", "more behind it", "plain"],
)
async def test_a_broken_one_is_told(packed: bytes) -> None:
    with pytest.raises(BadRequest, match="not gzip") as raised:
        await unpacked(packed, "gzip", MB)
    assert raised.value.code == "invalid_encoding"


@pytest.mark.parametrize(
    "bomb",
    [gzip.compress(bytes(64 * MB)), gzip.compress(bytes(MB // 2)) * 200],
    ids=["one large member", "many members"],
)
async def test_a_bomb_costs_no_more_than_the_limit(bomb: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(TooLarge, match="over 1 MB"):
        await unpacked(bomb, "gzip", MB)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * MB


async def test_a_body_that_unpacks_to_far_more_than_it_was_is_stopped_before_the_limit() -> None:
    with pytest.raises(TooLarge, match="100 times its size"):
        await unpacked(gzip.compress(bytes(8 * MB)), "gzip", 64 * MB)


async def test_a_small_one_may_unpack_to_many_times_its_size() -> None:
    assert await unpacked(gzip.compress(bytes(MB)), "gzip", 64 * MB) == bytes(MB)


def test_what_is_not_known_here_is_refused_with_what_is() -> None:
    assert [encoding_of(named) for named in ("", "identity", "GZIP", "identity, deflate")] == [
        "",
        "",
        "gzip",
        "deflate",
    ]
    for named in ("br", "zstd", "gzip, gzip", "gzip, br"):
        with pytest.raises(UnsupportedEncoding) as raised:
            encoding_of(named)
        assert (raised.value.status, raised.value.headers) == (415, {"accept-encoding": "gzip, deflate"})
