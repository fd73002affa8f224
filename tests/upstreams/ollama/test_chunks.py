"""What a native stream becomes, a piece for a piece."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from router.core.errors import UpstreamFailed
from router.core.upstream import OpenStream
from router.upstreams.ollama.chunks import Chunks
from router.upstreams.ollama.reply import EventWriter, Frame


def chunks(*pieces: bytes, looked: list[Any] | None = None) -> Chunks:
    async def come() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def close() -> None:
        return None

    def broken(words: str) -> UpstreamFailed:
        return UpstreamFailed(words, upstream="small", code="invalid_answer")

    seen = looked if looked is not None else []
    writer = EventWriter(Frame("id", "m", 1))
    return Chunks(OpenStream(200, come(), close), writer, seen.append, broken)


async def test_every_line_is_looked_at_and_told_and_pieces_without_a_line_tell_nothing() -> None:
    looked: list[Any] = []
    parts = [b'{"message": {"content"', b': "a"}}\n{"message": {"content": "b"}}\n', b'{"done": true}']
    told = [piece async for piece in chunks(*parts, looked=looked)]
    assert [piece.count(b"data: ") for piece in told] == [2, 2]
    assert len(looked) == 3


async def test_what_is_no_json_is_a_failure_and_a_broken_end_is_no_end() -> None:
    with pytest.raises(UpstreamFailed) as failed:
        _ = [piece async for piece in chunks(b"<html>\n")]
    assert failed.value.code == "invalid_answer"
    told = b"".join([piece async for piece in chunks(b'{"message": {"content": "a"}}\n', b'{"done": tr')])
    assert b"[DONE]" not in told
