"""The door: chat completions go straight to their handler, everything else to the application behind it."""

from starlette.types import ASGIApp, Receive, Scope, Send

CHAT_PATHS = frozenset(f"{prefix}/chat/completions{slash}" for prefix in ("/v1", "") for slash in ("", "/"))


class Front:
    """An ASGI application that spares the one hot route the layers that all others pass through."""

    def __init__(self, chat: ASGIApp, behind: ASGIApp) -> None:
        self._chat = chat
        self._behind = behind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand the scope on."""
        if scope["type"] == "http" and scope["path"] in CHAT_PATHS and scope["method"] == "POST":
            await self._chat(scope, receive, send)
        else:
            await self._behind(scope, receive, send)
