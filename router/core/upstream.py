"""An upstream as configured, what is known of its state, and what comes back from it."""

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from router.core.breaker import USUAL, Limits
from router.core.prices import UNKNOWN, Price

UNKNOWN_CLOUD = "unknown"
"""What stands in the place of a cloud's host while nobody knows whether one runs the model."""
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
Phase = Literal["absent", "loading", "ready", "busy", "failing"]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Budgets of one call, in seconds, by phase."""

    connect_s: float = 2.0
    load_s: float = 120.0
    load_wait_s: float = 5.0
    queue_s: float = 30.0
    first_token_s: float = 60.0
    idle_s: float = 30.0
    total_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Quirks:
    """How an upstream differs from OpenAI's API, as its row in config.yaml says; what is empty is found out.

    `family` is a key of `families.FAMILIES`. `limit`: its name for the limit on an answer's tokens, or `both`.
    `developer`: `keep` or `system`. `rejects`: fields it refuses. `lacks`: capabilities it does not have.
    """

    family: str = ""
    limit: str = ""
    developer: str = ""
    rejects: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class UpstreamSpec:
    """One row of `upstreams:` in config.yaml, checked. Its secrets do not appear in its repr."""

    name: str
    kind: str
    model: str
    url: str = ""
    local: bool = False
    key: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    context: int | None = None  # this and the next two: None for `auto`
    slots: int | None = None
    supports: frozenset[str] | None = None
    quirks: Quirks = Quirks()
    speaks: frozenset[str] = frozenset({"chat"})  # dialects it takes untranslated; others are translated to chat
    full: str = "send"  # what happens to a call when every slot is taken: `send`, `wait` or `overflow`
    urls: tuple[str, ...] = ()  # several machines; `url` is the first of them
    price: Price = UNKNOWN
    timeouts: Timeouts = Timeouts()
    breaker: Limits = USUAL
    premises: tuple[str, ...] = ()  # hosts and networks that count as local, beside loopback and private ones
    passes_key: bool = False  # asked with the caller's own token; then `key` is None
    device: str = ""  # the memory it shares with other upstreams
    options: Mapping[str, Any] = field(default_factory=dict)  # what only its kind knows: `gguf`, `recording` …
    stamp: tuple[Any, ...] = ()  # sizes and times of the files in `options`, so that a changed file makes another row


@dataclass(frozen=True, slots=True)
class UpstreamState:
    """What an upstream last reported about itself; None is unknown."""

    phase: Phase = "ready"
    context: int | None = None  # tokens
    slots: int | None = None
    detail: str = ""
    resident: bool | None = None  # whether the model is in memory
    loads_in_s: float | None = None  # until the load under way is done; if there is none, how long one would take
    free_slots: int | None = None  # answers it could begin now
    queue: int | None = None  # requests that wait inside it
    server: str = ""  # `vllm`, `llama.cpp` …
    supports: Mapping[str, bool] = field(default_factory=dict)  # capabilities that it was found to have or to lack
    cloud: str = ""  # the host that runs the model instead; UNKNOWN_CLOUD if one may, and the server has not said


def _ignore(notice: Any) -> None:
    """The default of `Call.reached`, `Call.changed` and `Call.came`: nobody wants to know."""


def _nothing_counted() -> None:
    """The default of `OpenStream.counted`: only the chunks tell the usage."""


def _no_budget() -> None:
    """The default of `OpenStream.heard`: no time limit ends with the first token."""


class Call(msgspec.Struct, frozen=True):
    """One call to make: the bytes to send (named keys already replaced) and the request they came from.

    `attempt`: the id of the row that was journalled for it. `traceparent`: passed on if set. `patient`: no other
    upstream will answer, so it may wait for a load or a slot up to their time limits. `tokens`: our estimate of the
    prompt. `headers`: what clients of this dialect send to its own servers. `key`: the caller's own token, for an
    upstream that wants it. `reached` is called with the address that the call is sent to, `changed` with what the
    upstream itself left out of the body or changed in it. `hedges`: the attempt that this one is a second try of,
    to be made on another machine. `came` is called with the size of each part of a long whole answer, and may raise
    NoRoom.
    """

    attempt: str
    body: bytes
    request: Mapping[str, Any]
    path: str = "/chat/completions"
    traceparent: str | None = None
    patient: bool = True
    tokens: int | None = None
    headers: Mapping[str, str] = NO_HEADERS
    key: str = ""
    reached: Callable[[str], None] = _ignore
    changed: Callable[[tuple[str, ...]], None] = _ignore
    came: Callable[[int], None] = _ignore
    hedges: str = ""

    def __repr__(self) -> str:
        return f"Call(attempt={self.attempt!r}, path={self.path!r})"


@dataclass(frozen=True, slots=True)
class Passage:
    """A request that is passed on unchanged, to a path below the upstream's base URL, with `headers` added to its own.

    `query`: the raw query string. `body`: read once, as it comes. `key`: the caller's own token, for an upstream that
    wants it.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: AsyncIterable[bytes] | None = None
    key: str = field(default="", repr=False)


class Reply(msgspec.Struct, frozen=True):
    """A whole answer with status 2xx: the upstream's own content type and bytes.

    `machine`: which of the upstream's machines gave it. `decoded`: the body as JSON, if the upstream has parsed it.
    """

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = NO_HEADERS
    machine: str = ""
    decoded: Mapping[str, Any] | None = None


class OpenStream(msgspec.Struct, frozen=True):
    """A stream whose status line said 2xx: chunks as they arrive, and how to hang up.

    `chunks` raises UpstreamFailed or UpstreamTimeout when the connection breaks or stalls. It ends normally when the
    upstream closed it properly, even without the dialect's end marker. `counted`: the usage so far, in OpenAI's form,
    if the upstream knows one that its chunks have not told yet. Call `heard` when the first token has come: only the
    reader of the chunks can tell a token from a role, a ping or a comment.
    """

    status: int
    chunks: AsyncIterator[bytes]
    close: Callable[[], Awaitable[None]]
    content_type: str = "text/event-stream"
    headers: Mapping[str, str] = NO_HEADERS
    machine: str = ""
    counted: Callable[[], Mapping[str, Any] | None] = _nothing_counted
    heard: Callable[[], None] = _no_budget
