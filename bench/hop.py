"""The yardstick: `python -m bench.hop PORT UPSTREAM`, one bare hop of Starlette and aiohttp that decides nothing."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

HEADERS = {"content-type": "application/json"}


def hop(upstream: str) -> Starlette:
    """Reads the body, sets the model, posts it on, hands the answer back."""

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=4)
        async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
            app.state.session = session
            yield

    async def chat(request: Request) -> Response:
        body = orjson.loads(await request.body())
        body["model"] = "mock"
        reply = await request.app.state.session.post(upstream, data=orjson.dumps(body), headers=HEADERS)
        if body.get("stream"):
            return StreamingResponse(reply.content.iter_any(), reply.status, media_type="text/event-stream")
        return Response(await reply.read(), reply.status, media_type="application/json")

    return Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])], lifespan=life)


if __name__ == "__main__":
    app = hop(f"{sys.argv[2]}/chat/completions")
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="warning")
