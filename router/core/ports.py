"""The plug-in points. A kind of any of them satisfies its protocol and its contract tests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import msgspec

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
class PassesThrough(Protocol):
    """An upstream that also takes requests of other kinds, as they come: files, audio, whatever its server has."""

    async def pass_on(self, passage: Passage) -> OpenStream:
        """The answer, whatever its status, as it comes. Raises UpstreamError where none came, or our key was
        refused."""


@runtime_checkable
class LendsSlots(Protocol):
    """An upstream whose slots are counted here, and can be lent while no client needs them."""

    @property
    def idle(self) -> bool:
        """Whether no call waits and a slot is free; where its slots are not known, whether no call is open."""

    def lend(self, recall: Callable[[], object]) -> Callable[[], None]:
        """Have `recall` called as soon as a client finds no slot free; returns how to end the loan."""


@dataclass(frozen=True, slots=True)
class MemberAnswer:
    """One answer to the request: who gave it (the model's digest beside the name), in how many tokens.

    `flags`: what judges found of it alone, 0 to 1: `clean`, `refused`, `looped`.
    """

    member: str
    digest: str
    answer: "Answer"
    tokens: int | None = None
    flags: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a judge gets beside the answer.

    `given`: every answer to the request in this step so far, in asking order. `members`: the
    digests of all that may be asked, in order. `opinions`: the answers to this judge's own questions,
    None for one that came to nothing. `asked`: whether this judge has had anything asked about this
    answer. `keep_cut`, `by_hand`: the cut for `p_kept` and whether a person set it. `strictness`: the
    level whose learnt cuts are in force, None where none are. The rest are the step's own keys.
    """

    given: tuple[MemberAnswer, ...] = ()
    members: tuple[str, ...] = ()
    opinions: tuple["Answer | None", ...] = ()
    asked: bool = False
    keep_cut: float | None = None
    by_hand: bool = False
    strictness: float | None = None
    may_repair: bool = False
    opinion: str = ""
    sure: float | None = None
    agree: int = 2


@runtime_checkable
class Explorable(Protocol):
    """An upstream that can find out what its server can do, at no cost."""

    async def explore(self, *, tokens: bool = True) -> None:
        """Find out, once; `state` reports it from then on. Without `tokens` no answer is asked for. Never raises."""

    def forget(self) -> None:
        """Find out again at the next `explore`."""


class Answer(msgspec.Struct, frozen=True):
    """A reply as a judge sees it: the assistant's message put together, whichever way it came.

    `message`: OpenAI's message object (content, tool_calls, refusal). `finish_reason` is None when
    none was given. `complete` is false for a prefix. `choices`: how many answers came, 0 where that is not known.
    """

    message: Mapping[str, Any]
    finish_reason: str | None
    complete: bool = True
    logprobs: Sequence[Mapping[str, Any]] = ()
    hearing: Hearing = Hearing()
    choices: int = 0


class Judge(Protocol):
    """Checks a reply. Pure: it never calls anyone; what it wants asked, it says in its verdict.

    One that has an attribute `together` that is true weighs all answers of a panel; any other looks
    at each by itself. One that has `late` true reads whole answers only, and is not asked about a prefix.
    """

    name: str

    def judge(self, request: Mapping[str, Any], answer: Answer, evidence: Sequence[Verdict]) -> Verdict:
        """Accept, escalate, wait or ask, with the reason. `evidence`: the verdicts before this one."""


Table = Literal["exchanges", "attempts", "verdicts", "labels", "keys", "audit_log"]


class Store(Protocol):
    """The ledger. `append` is for the hot path; the rest is for people and reports."""

    def append(self, record: Attempt | Exchange, ended: Sequence[Attempt] = ()) -> None:
        """Put a record on disk (the journal) and return; it becomes a row within 100 ms.

        An open attempt, with those of its exchange that have `ended` by then, a finished one, or a closed exchange
        with its attempts and verdicts.
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
