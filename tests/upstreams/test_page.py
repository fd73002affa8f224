"""What a server tells of itself comes in pieces, and without an end from one that means ill."""

import aiohttp
import pytest

from router.upstreams.page import PAGE_LIMIT, beginning
from tests.conftest import Scripted
from tests.standins.acts import Act


@pytest.mark.parametrize("size", [0, 5, 900_000, 3 * PAGE_LIMIT])
async def test_it_is_read_whole_or_as_far_as_any_is_worth_reading(size: int, scripted: Scripted) -> None:
    server = scripted()
    server.models = Act([b"a" * size])
    async with aiohttp.ClientSession() as session, session.get(f"{server.url}/models") as response:
        read = await beginning(response)
    assert len(read) == size if size <= PAGE_LIMIT else PAGE_LIMIT < len(read) < 2 * PAGE_LIMIT
