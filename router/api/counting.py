"""`POST /v1/messages/count_tokens`: how much a Messages request would hold; nothing is sent, nothing is written."""

from starlette.requests import Request
from starlette.responses import Response

from router.api.body import read_body
from router.api.chat import identify
from router.core.dialects.messages.errors import http_error
from router.core.dialects.messages.messages import count_tokens
from router.core.errors import RouterError
from router.runtime import Runtime


async def count(request: Request) -> Response:
    """An estimate in Anthropic's shape; errors have that shape too."""
    runtime: Runtime = request.app.state.runtime
    try:
        identify(runtime, request.headers, has_body=True)
        raw = await read_body(request.receive, request.headers, runtime.body_limit)
        return Response(count_tokens(raw), media_type="application/json")
    except RouterError as error:
        status, content_type, body = http_error(error)
        return Response(body, status, media_type=content_type)
