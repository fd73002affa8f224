"""The other dialects at the door: legacy completions, Responses and Anthropic's Messages, on chat's own pipeline."""

from collections.abc import Mapping

from router.api.chat import ChatEndpoint
from router.api.tags import metadata_of
from router.core.dialects.catalogue import request_in
from router.core.dialects.chat import ChatRequest
from router.runtime import Runtime

# What an Anthropic client tells an Anthropic server about the version it speaks; it goes on byte for byte.
FORWARDED = ("anthropic-version", "anthropic-beta")


class DialectEndpoint(ChatEndpoint):
    """An ASGI application for one route: as chat, but read, answered and refused in another dialect."""

    def __init__(self, runtime: Runtime, dialect: str) -> None:
        super().__init__(runtime)
        self.dialect = dialect

    def parse(self, raw: bytes, headers: Mapping[str, str]) -> ChatRequest:
        """The request in `raw`. Raises BadRequest naming the parameter."""
        return request_in(self.dialect, raw, {name: headers[name] for name in FORWARDED if name in headers})

    def metadata(self, request: ChatRequest) -> object:
        """What the client says of its request inside its body, where the dialect has it."""
        return None if request.original is None else metadata_of(self.dialect, request.original.request.body)
