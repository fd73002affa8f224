"""Cross-origin requests: which web pages may ask, and what their browsers must be told."""

import re

import orjson
from starlette.types import Message, Receive, Scope, Send

from router.api.auth import is_loopback_origin
from router.core.errors import Forbidden
from router.runtime import Runtime

METHODS = b"GET, POST, PUT, PATCH, DELETE, OPTIONS"
MAX_AGE_S = b"600"
ANY = "*"
ASKED = re.compile(rb"[A-Za-z0-9_, -]{0,2000}")


class Cors:
    """Answers preflights and lets allowed origins read replies. Requests without an `Origin` cost one look.

    With keys (`auth: required`) the origins of `cors.origins` may ask: a page must hold a key, and no cookie
    and no other credential of the browser is ever looked at, so that `*` gives nothing away. Without keys only
    pages of this machine may.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def allows(self, origin: str) -> bool:
        """Whether pages of `origin` may ask."""
        config = self._runtime.config
        if config.auth != "required":
            return is_loopback_origin(origin)
        return ANY in config.cors.origins or origin in config.cors.origins

    def telling(self, origin: str, send: Send) -> Send:
        """A `send` that tells the browser it may show the reply to the page."""
        headers = self._headers(origin)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {
                    **message,
                    "headers": [*message["headers"], *headers, (b"access-control-expose-headers", b"*")],
                }
            await send(message)

        return send_with_headers

    async def preflight(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The answer to a browser that asks whether it may ask. Looks at no key: browsers send none."""
        asked = dict(scope["headers"])
        origin = asked[b"origin"].decode("latin-1")
        if not self.allows(origin):
            await _refuse(send)
            return
        wanted = asked.get(b"access-control-request-headers", b"")
        headers = [
            *self._headers(origin),
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", wanted if ASKED.fullmatch(wanted) else b""),
            (b"access-control-max-age", MAX_AGE_S),
        ]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _headers(self, origin: str) -> list[tuple[bytes, bytes]]:
        config = self._runtime.config
        anyone = config.auth == "required" and ANY in config.cors.origins
        shown = ANY if anyone else origin
        return [(b"access-control-allow-origin", shown.encode("latin-1")), (b"vary", b"origin")]


def origin_of(scope: Scope) -> str | None:
    """The `Origin` of a request, None where it has none."""
    for name, value in scope["headers"]:
        if name == b"origin":
            return str(value.decode("latin-1"))
    return None


def is_preflight(scope: Scope) -> bool:
    """Whether a browser asks if it may ask."""
    return scope["method"] == "OPTIONS" and any(
        name == b"access-control-request-method" for name, _ in scope["headers"]
    )


async def _refuse(send: Send) -> None:
    error = Forbidden("Pages of this origin may not ask. Name it under `cors: {origins: [...]}`.", code="origin")
    body = orjson.dumps({"error": {"message": error.message, "type": error.type, "param": None, "code": error.code}})
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
