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
    """How an upstream's dialect differs from OpenAI's, as its row says; empty is `auto`.

    `family` is a key of core/families. `limit`: its name for the most tokens of an answer, or `both`.
    `developer`: `keep` or `system`. `rejects`: fields it refuses. `lacks`: capabilities it has not.
    """

    family: str = ""
    limit: str = ""
    developer: str = ""
    rejects: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class UpstreamSpec:
    """One row of `upstreams:` in config.yaml, checked.

    `context`, `slots` and `supports` are None for `auto`. `speaks` names the dialects it takes as they
    come; a request in another is translated to chat. `full`: what becomes of a call when every slot is
    taken (`send`, `wait`, `overflow`). `urls`: the machines where there are several, and `url` is the
    first of them. `premises` are the hosts and networks that count as local beside loopback and private
    addresses. `passes_key`: it is asked with the caller's own token, and `key` is None. `device`: what it
    shares memory with other upstreams on, "" where the row names none. `options` holds what only one kind
    knows (`gguf`, `recording`, `threads` …). `key` never appears in a repr.
    """

    name: str
    kind: str
    model: str
    url: str = ""
    local: bool = False
    key: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    context: int | None = None
    slots: int | None = None
    supports: frozenset[str] | None = None
    quirks: Quirks = Quirks()
    speaks: frozenset[str] = frozenset({"chat"})
    full: str = "send"
    urls: tuple[str, ...] = ()
    price: Price = UNKNOWN
    timeouts: Timeouts = Timeouts()
    breaker: Limits = USUAL
    premises: tuple[str, ...] = ()
    passes_key: bool = False
    device: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UpstreamState:
    """What an upstream last said of itself. `context`: tokens; None where not known.

    `resident`: whether the model is in memory. `loads_in_s`: seconds until a load under way is done,
    or, where none is, that one would take. `free_slots`: answers it could begin now. `queue`: requests
    that wait inside it. `server`: what it is (`vllm`, `llama.cpp` …), "" where it does not say.
    `supports`: capabilities that it was found to have or to lack; what is not in it is not known.
    `cloud`: the host that runs the model in its place, where the server says so; `UNKNOWN_CLOUD` where it
    may be one that would, and has not said.
    """

    phase: Phase = "ready"
    context: int | None = None
    slots: int | None = None
    detail: str = ""
    resident: bool | None = None
    loads_in_s: float | None = None
    free_slots: int | None = None
    queue: int | None = None
    server: str = ""
    supports: Mapping[str, bool] = field(default_factory=dict)
    cloud: str = ""


def _nobody_asks(notice: Any) -> None:
    """Ignore where a call goes and what was left out of it."""


def _nothing_counted() -> None:
    """Nothing is known of the usage but what the chunks say."""


def _nobody_waits() -> None:
    """No budget ends with the first token."""


class Call(msgspec.Struct, frozen=True):
    """One call to make: the bytes to send (named keys already replaced) and the request they came from.

    `attempt` is the id of the row that was journalled for it; `traceparent` is passed on when set.
    `patient`: nobody else will answer, so it may wait for a load or a slot as long as these may take.
    `tokens` is our estimate of the prompt, None where nobody made one. `headers` are what a dialect's
    own clients send to its own servers. `key` is the caller's own, for an upstream that wants it, and never appears in
    a repr. `reached` is told the address that the call is sent to, `changed` what the upstream itself left out of the
    body or said otherwise, in words for the ledger.
    `hedges` is the attempt beside which this one is made: of several machines another one is meant.
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
    reached: Callable[[str], None] = _nobody_asks
    changed: Callable[[tuple[str, ...]], None] = _nobody_asks
    hedges: str = ""

    def __repr__(self) -> str:
        return f"Call(attempt={self.attempt!r}, path={self.path!r})"


@dataclass(frozen=True, slots=True)
class Passage:
    """A request that goes on as it came: below the upstream's base URL, with these headers beside its own.

    `query` is the raw query string; `body` is None where there is none, else read once, as it comes. `key` is the
    caller's own, for an upstream that wants it.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: AsyncIterable[bytes] | None = None
    key: str = field(default="", repr=False)


class Reply(msgspec.Struct, frozen=True):
    """A whole answer as it came: status 2xx, the upstream's own content type and bytes.

    `machine` names who gave it, where the upstream is several machines. `decoded` is the body as JSON, where the
    upstream has read it already; None where it has not.
    """

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = NO_HEADERS
    machine: str = ""
    decoded: Mapping[str, Any] | None = None


class OpenStream(msgspec.Struct, frozen=True):
    """A stream whose status line said 2xx: chunks as they arrive, and how to hang up.

    `chunks` raises UpstreamFailed or UpstreamTimeout when the wire breaks or stalls; it ends
    quietly when the upstream closed it properly, whether or not the dialect's end came. `counted`: the usage
    so far in OpenAI's words, where the kind knows of one that its chunks have not told yet. `heard` is to be called
    once a token has come: only whoever reads the chunks can tell it from a role, a ping or a comment.
    """

    status: int
    chunks: AsyncIterator[bytes]
    close: Callable[[], Awaitable[None]]
    content_type: str = "text/event-stream"
    headers: Mapping[str, str] = NO_HEADERS
    machine: str = ""
    counted: Callable[[], Mapping[str, Any] | None] = _nothing_counted
    heard: Callable[[], None] = _nobody_waits
