"""Which requests take the short way."""

from typing import Any

import pytest

from router.api.cors import Cors
from router.api.front import Front, paths


class Door:
    """An ASGI application that only notes what came to it."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen.append(scope)


async def silent(*message: Any) -> Any:
    """A connection on which nothing happens."""


@pytest.mark.parametrize(
    ("scope", "short"),
    [
        ({"type": "http", "method": "POST", "headers": [], "path": "/v1/chat/completions"}, True),
        ({"type": "http", "method": "POST", "headers": [], "path": "/v1/chat/completions/"}, True),
        ({"type": "http", "method": "POST", "headers": [], "path": "/chat/completions"}, True),
        ({"type": "http", "method": "GET", "headers": [], "path": "/v1/chat/completions"}, False),
        ({"type": "http", "method": "POST", "headers": [], "path": "/v1/route"}, False),
        ({"type": "websocket", "path": "/v1/chat/completions"}, False),
        ({"type": "lifespan"}, False),
    ],
)
async def test_only_a_posted_request_to_a_model_takes_the_short_way(scope: dict[str, Any], short: bool) -> None:
    chat, behind = Door(), Door()
    cors: Any = Cors(None)  # type: ignore[arg-type]  # nothing here has an origin, so it asks nothing

    await Front(dict.fromkeys(paths("chat/completions"), chat), behind, cors)(scope, silent, silent)

    assert (chat.seen, behind.seen) == (([scope], []) if short else ([], [scope]))


def test_a_base_url_may_end_in_any_of_four_ways() -> None:
    assert paths("messages") == ["/v1/messages", "/v1/messages/", "/messages", "/messages/"]
