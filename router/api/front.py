"""The door: requests to models go straight to their handlers, everything else to the application behind it."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class Front:
    """An ASGI application that spares the hot routes the layers that all others pass through."""

    def __init__(self, hot: Mapping[str, ASGIApp], behind: ASGIApp) -> None:
        """`hot`: POST routes by path."""
        self._hot = hot
        self._behind = behind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand the scope on."""
        app = self._hot.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        await (app or self._behind)(scope, receive, send)


def paths(name: str) -> list[str]:
    """A route with and without /v1, with and without a slash at its end: base URLs are written in all these ways."""
    return [f"{prefix}/{name}{slash}" for prefix in ("/v1", "") for slash in ("", "/")]
