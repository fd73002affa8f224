"""The five plug-in points. A kind of any of them satisfies its protocol and its contract tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from router.core.exchange import Attempt, Exchange, Verdict
from router.core.upstream import Call, OpenStream, Passage, Reply, UpstreamSpec, UpstreamState


class Upstream(Protocol):
    """A place that answers. Its own file translates its failures into UpstreamErrors, once."""

    @property
    def spec(self) -> UpstreamSpec:
        """The row it was built from."""

    async def send(self, call: Call) -> Reply:
        """The whole answer. Raises UpstreamError; cancelling it hangs up."""

    async def stream(self, call: Call) -> OpenStream:
        """An open stream once the status line said 2xx. Raises UpstreamError; cancelling hangs up."""

    async def state(self) -> UpstreamState:
        """What it says of itself now: probed, at most a second, never raises for a dead server."""

    async def aclose(self) -> None:
        """Let go of connections, processes and files."""


@runtime_checkable
class Passes(Protocol):
    """An upstream that also takes what is nothing of ours: files, audio, whatever its server has."""

    async def pass_on(self, passage: Passage) -> OpenStream:
        """The answer, whatever its status, as it comes. Raises UpstreamError where none came, or our key was
        refused."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply as a judge sees it: the assistant's message put together, whichever way it came.

    `message`: OpenAI's message object (content, tool_calls, refusal). `finish_reason` is None when
    none was given. `complete` is false for a prefix.
    """

    message: Mapping[str, Any]
    finish_reason: str | None
    complete: bool = True
    logprobs: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


class Judge(Protocol):
    """Checks a reply. Pure: it never calls anyone; what it wants asked, it says in its verdict."""

    name: str

    def judge(self, request: Mapping[str, Any], answer: Answer, evidence: Sequence[Verdict]) -> Verdict:
        """Accept, escalate or wait, with the reason. `evidence`: the verdicts before this one."""


Table = Literal["exchanges", "attempts", "verdicts", "labels", "keys", "audit_log"]


class Store(Protocol):
    """The ledger. `append` is for the hot path; the rest is for people and reports."""

    def append(self, record: Attempt | Exchange) -> None:
        """Put a record on disk (the journal) and return; it becomes a row within 100 ms.

        An open attempt, a finished one, or a closed exchange with its attempts and verdicts.
        Raises LedgerUnwritable when it cannot be put on disk.
        """

    def put(self, table: Table, row: Mapping[str, Any]) -> None:
        """Insert or replace one row of `keys`, `labels` or `audit_log`, at once."""

    def find(self, table: Table, **where: Any) -> list[dict[str, Any]]:
        """Rows whose columns equal `where`, newest first, at most 1,000."""

    def aggregate(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """A named aggregate, grouped in SQL: no report receives ledger rows."""

    def close(self) -> None:
        """Write what is journalled, then let go."""


class Observer(Protocol):
    """Something that also happens once a request is done."""

    def observe(self, exchange: Exchange) -> None:
        """Note a closed exchange. Must not raise, must not wait."""
