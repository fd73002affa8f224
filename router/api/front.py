"""The door: requests to models go straight to their handlers, everything else to the application behind it."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from router.api.cors import Cors, is_preflight, origin_of


class Front:
    """An ASGI application that spares the hot routes the layers that all others pass through."""

    def __init__(self, hot: Mapping[str, ASGIApp], behind: ASGIApp, cors: Cors) -> None:
        """`hot`: POST routes by path."""
        self._hot = hot
        self._behind = behind
        self._cors = cors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand the scope on."""
        if scope["type"] != "http":
            await self._behind(scope, receive, send)
            return
        origin = origin_of(scope)
        if origin is not None:
            if is_preflight(scope):
                await self._cors.preflight(scope, receive, send)
                return
            if self._cors.allows(origin):
                send = self._cors.telling(origin, send)
        app = self._hot.get(scope["path"]) if scope["method"] == "POST" else None
        await (app or self._behind)(scope, receive, send)


def paths(name: str) -> list[str]:
    """A route with and without /v1, with and without a slash at its end: base URLs are written in all these ways."""
    return [f"{prefix}/{name}{slash}" for prefix in ("/v1", "") for slash in ("", "/")]
