"""The routes, and the last handler of what goes wrong."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from router import __version__
from router.api.chat import ChatEndpoint, internal_error
from router.api.cors import Cors
from router.api.counting import count
from router.api.dialects import DialectEndpoint
from router.api.front import Front, paths
from router.api.health import healthz, metrics, readyz
from router.api.models import list_models, show_model
from router.api.passthrough import METHODS, PassthroughEndpoint
from router.api.route import route
from router.api.telling import told
from router.core.dialects.catalogue import DIALECTS
from router.core.errors import RequestError, RouterError
from router.runtime import Runtime

logger = logging.getLogger("smallfirst")


def create_app(runtime: Runtime) -> ASGIApp:
    """The application over `runtime`, which it starts and stops with itself.

    Requests to models are answered in front of FastAPI: its layers cost as much as a whole decision.
    """

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        await runtime.start()
        try:
            yield
        finally:
            await runtime.stop()

    app = FastAPI(title="smallfirst", version=__version__, lifespan=life, redirect_slashes=False, openapi_url=None)
    app.state.runtime = runtime
    hot = hot_routes(runtime)
    for path, endpoint in hot.items():
        app.router.routes.append(Route(path, endpoint, methods=["POST"]))  # for other methods: it says 405
    for path in paths("messages/count_tokens"):
        app.router.routes.append(Route(path, count, methods=["POST"]))
    for path in ("/v1/models", "/models"):
        app.router.routes.append(Route(path, list_models))
        app.router.routes.append(Route(f"{path}/{{name:path}}", show_model))
    app.router.routes.append(Route("/v1/route", route, methods=["POST"]))
    for path in ("/healthz", "/health"):
        app.router.routes.append(Route(path, healthz))
    app.router.routes.append(Route("/readyz", readyz))
    app.router.routes.append(Route("/metrics", metrics))
    routes = [route for route in app.router.routes if isinstance(route, Route)]
    known = {route.path: ", ".join(sorted(route.methods or ())) for route in routes}
    passthrough = PassthroughEndpoint(runtime, known)
    app.router.routes.append(Route("/v1/{path:path}", passthrough, methods=METHODS))
    app.add_exception_handler(RouterError, _expected)
    app.add_exception_handler(HTTPException, _no_such_route)
    app.add_exception_handler(Exception, _bug)
    return Front(hot, app, Cors(runtime))


def hot_routes(runtime: Runtime) -> dict[str, ASGIApp]:
    """The routes that ask models, by path, each answering in its own dialect."""
    endpoints: dict[str, ASGIApp] = {"chat/completions": ChatEndpoint(runtime)}
    endpoints |= {name: DialectEndpoint(runtime, name) for name in DIALECTS}
    return {path: endpoint for name, endpoint in endpoints.items() for path in paths(name)}


async def _expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, RouterError)
    return told(request, error)


async def _no_such_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = {
        404: "No such path. Chat completions are at POST /v1/chat/completions.",
        405: "This path takes another method.",
    }
    shown = RequestError(
        words.get(error.status_code, error.detail), code="not_found" if error.status_code == 404 else None
    )
    shown.status = error.status_code
    return told(request, shown, error.headers)


async def _bug(request: Request, error: Exception) -> Response:
    """What nobody expected is logged whole and shown as a plain 500; chat completions have their own."""
    logger.error("a request broke", exc_info=error)
    return told(request, internal_error())
