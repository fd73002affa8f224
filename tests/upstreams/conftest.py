"""Upstreams of each kind, closed when the test ends, and the calls made to them."""

import json
from collections.abc import AsyncIterator, Callable
from importlib.util import find_spec
from typing import Any

import pytest

from router.core.ports import Upstream
from router.core.upstream import Call, OpenStream, UpstreamSpec
from router.upstreams import build

Built = Callable[..., Upstream]
WITHOUT_LITELLM = "the extra [litellm] is not installed: `make providers` installs it and runs these"


def asked(text: str = "6 times 7?", **more: Any) -> Call:
    """A call for a chat completion; `more` goes into the body."""
    request = {"model": "m", "messages": [{"role": "user", "content": text}], **more}
    return Call("attempt-1", json.dumps(request).encode(), request)


def skip_without_litellm() -> None:
    """Skip the running test where the extra [litellm] is not installed; the summary says so."""
    if find_spec("litellm") is None:
        pytest.skip(WITHOUT_LITELLM)


async def read(stream: OpenStream, into: list[bytes]) -> None:
    """Read a stream to its end into a list, which keeps what came when the end is an error."""
    async for chunk in stream.chunks:
        into.append(chunk)


@pytest.fixture
async def built() -> AsyncIterator[Built]:
    """Makes an upstream from a spec's fields: `built(url=small.url)`; kind `openai` unless told."""
    made: list[Upstream] = []

    def make(recordings: Any = None, **fields: Any) -> Upstream:
        row = {"name": "small", "kind": "openai", "model": "m", **fields}
        made.append(build(UpstreamSpec(**row), recordings))
        return made[-1]

    yield make
    for upstream in made:
        await upstream.aclose()
