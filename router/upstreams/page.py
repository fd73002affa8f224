"""A page that a server tells of itself, read whole, or as far as any is worth reading."""

import aiohttp

PAGE_LIMIT = 4 * 2**20


async def beginning(response: aiohttp.ClientResponse) -> bytes:
    """The body, or as much of a longer one as no server needs to say what it is; in how many pieces is all one."""
    read = bytearray()
    async for chunk in response.content.iter_any():
        read += chunk
        if len(read) > PAGE_LIMIT:
            break
    return bytes(read)
