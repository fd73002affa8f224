"""What a dialect is: a request's and an answer's form, translated to and from chat completions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from router.core.errors import RouterError


@dataclass(frozen=True, slots=True)
class Translated:
    """A request of another dialect, and the chat body it means.

    `raw`, `body`: as they came. `chat`: an OpenAI chat body, which features, signals, judges and upstreams of the chat
    dialect read. `wants_usage`: whether a stream shows its usage. `stripped`: what the chat body leaves out, for the
    record. `refused`: set if `chat` leaves out what must not be left out; then only an upstream of the client's own
    dialect may answer, and this is the error if there is none.
    """

    raw: bytes
    body: Mapping[str, Any]
    chat: Mapping[str, Any]
    model: str
    stream: bool
    wants_usage: bool
    max_tokens: int | None
    stripped: tuple[str, ...] = ()
    refused: RouterError | None = None


class StreamWriter(Protocol):
    """Turns a chat stream into the dialect's own events, one by one, as they come."""

    def feed(self, chunk: Mapping[str, Any]) -> bytes:
        """The events that one chat chunk becomes; b"" for none."""

    def end(self) -> bytes:
        """The dialect's own end, after the last chunk of a complete answer."""

    def fail(self, error: RouterError) -> bytes:
        """The end of a stream that broke: an error event, and nothing that passes for the end of an answer."""


class NativeReader(Protocol):
    """Reads what an upstream of the dialect itself answers, as the chat it amounts to.

    What goes to the client is the upstream's own bytes; this is for usage, judges and the question
    whether a stream is whole.
    """

    @property
    def ended(self) -> bool:
        """Whether the dialect's own end has come."""

    @property
    def begun(self) -> bool:
        """Whether the model has begun with what no chunk shows: hidden reasoning, a tool of the server's own."""

    def feed(self, event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The chat chunks that one event's data stands for; an error is one with `error`. None for a ping."""

    def whole(self, reply: Mapping[str, Any]) -> Mapping[str, Any]:
        """The chat completion that a whole reply stands for."""


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

    def reader(self) -> NativeReader:
        """A fresh reader of one native answer."""

    def http_error(self, error: RouterError) -> tuple[int, str, bytes]:
        """Status, content type and body for an error before any byte of an answer."""

    def error_event(self, error: RouterError) -> bytes:
        """The same, as an event of a stream that has begun."""


@dataclass(frozen=True, slots=True)
class Original:
    """A request that was not a chat, as it came: its dialect, its translation, and the headers forwarded with it."""

    dialect: Dialect
    request: Translated
    headers: Mapping[str, str] = field(default_factory=dict)
