"""`POST /v1/route`: where a request would go and why; nothing is sent, nothing is written."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from router.api.body import read_body
from router.api.chat import headers_of, identify, read_options
from router.api.telling import ids
from router.core.dialects.chat import parse
from router.pipeline.beside import beside
from router.pipeline.preview import preview
from router.runtime import Runtime


async def route(request: Request) -> Response:
    """The decision for a chat body as JSON: plan, rule, reasons, `p_good`, cut, what each plan would cost."""
    runtime: Runtime = request.app.state.runtime
    headers = headers_of(request.scope)
    key = identify(runtime, headers, has_body=True)
    with runtime.share() as share:
        raw = await read_body(request.receive, headers, share)
        pipeline = runtime.pipeline
        exchange = pipeline.open()
        exchange.key = key.name

        def previewed() -> dict[str, Any]:
            asked = parse(raw)
            return preview(pipeline.deps, exchange, asked, read_options(headers, key, asked.body.get("metadata")))

        shown = await beside(len(raw), previewed)
    return Response(orjson.dumps(shown), headers=ids(request, exchange.id), media_type="application/json")
