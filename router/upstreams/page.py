"""Reads a page that a server publishes about itself."""

import aiohttp

PAGE_LIMIT = 4 * 2**20


async def beginning(response: aiohttp.ClientResponse) -> bytes:
    """The body, up to a limit that no such page needs to exceed."""
    read = bytearray()
    async for chunk in response.content.iter_any():
        read += chunk
        if len(read) > PAGE_LIMIT:
            break
    return bytes(read)
