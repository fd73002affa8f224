"""How a reply that no hot route gives is told: in which dialect its errors are, and which id it has."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from router.api.front import paths
from router.core.dialects.catalogue import http_error
from router.core.errors import RouterError
from router.core.retrying import retry_headers
from router.runtime import Runtime

VERSION = "anthropic-version"
MESSAGES = tuple(path.rstrip("/") for path in paths("messages"))


def is_anthropics(request: Request) -> bool:
    """Whether a client of Anthropic's asks: it says its version, or is on that dialect's own path."""
    path = request.url.path
    return VERSION in request.headers or any(path == own or path.startswith(f"{own}/") for own in MESSAGES)


def ids(request: Request, name: str = "") -> dict[str, str]:
    """The headers by which a client can name this reply; `name` is an id that it has already."""
    runtime: Runtime = request.app.state.runtime
    name = name or runtime.pipeline.open().id
    return {"x-request-id": name, "request-id": name} if is_anthropics(request) else {"x-request-id": name}


def told(request: Request, error: RouterError, headers: Mapping[str, str] | None = None, name: str = "") -> Response:
    """`error` in the shape that the client reads, with an id to name it by, and whether to ask again."""
    status, content_type, body = http_error("messages" if is_anthropics(request) else "chat", error)
    return Response(body, status, {**(headers or {}), **retry_headers(error), **ids(request, name)}, content_type)
