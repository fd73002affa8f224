"""What a dialect is: how a client speaks, put beside the chat completions that the house thinks in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from router.core.errors import RouterError


@dataclass(frozen=True, slots=True)
class Translated:
    """A request of another dialect, and the chat body it means.

    `raw` and `body` are as they came; `chat` is an OpenAI chat body (a new mapping) that features,
    signals, judges and upstreams of the chat dialect read. `wants_usage` says whether usage is to be
    shown in a stream. `stripped` names what the chat dialect cannot carry and was left out, so that
    it can be recorded.
    """

    raw: bytes
    body: Mapping[str, Any]
    chat: Mapping[str, Any]
    model: str
    stream: bool
    wants_usage: bool
    max_tokens: int | None
    stripped: tuple[str, ...] = ()


class StreamWriter(Protocol):
    """Turns a chat stream into the dialect's own events, one by one, as they come."""

    def feed(self, chunk: Mapping[str, Any]) -> bytes:
        """The events that one chat chunk becomes; b"" for none."""

    def end(self) -> bytes:
        """The dialect's own end, after the last chunk of a complete answer."""


class Dialect(Protocol):
    """One way of speaking. Pure: bytes and mappings in, bytes and mappings out."""

    name: str
    path: str

    def parse(self, raw: bytes) -> Translated:
        """The request in `raw`. Raises BadRequest naming the parameter."""

    def reply(self, request: Translated, completion: Mapping[str, Any]) -> bytes:
        """The body that a chat completion becomes."""

    def writer(self, request: Translated) -> StreamWriter:
        """A fresh writer for one stream."""

    def error(self, error: RouterError) -> bytes:
        """The error body in the dialect's shape."""

    def error_event(self, error: RouterError) -> bytes:
        """The same inside a stream that has begun."""
