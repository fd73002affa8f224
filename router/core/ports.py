"""The plug-in points. A kind of any of them satisfies its protocol and its contract tests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import msgspec

from router.core.exchange import Attempt, Exchange, Verdict
from router.core.upstream import Call, OpenStream, Passage, Reply, UpstreamSpec, UpstreamState


class Upstream(Protocol):
    """An endpoint that answers. It translates its failures into UpstreamErrors itself."""

    @property
    def spec(self) -> UpstreamSpec:
        """The row it was built from."""

    async def send(self, call: Call) -> Reply:
        """The whole answer. Raises UpstreamError; cancelling it hangs up."""

    async def stream(self, call: Call) -> OpenStream:
        """A stream, once the status line said 2xx. Raises UpstreamError; cancelling hangs up."""

    async def state(self) -> UpstreamState:
        """What it reports about itself now; takes at most a second and does not raise for a dead server."""

    async def aclose(self) -> None:
        """Close connections, processes and files."""


@runtime_checkable
class PassesThrough(Protocol):
    """An upstream that also takes other requests unchanged: files, audio, whatever its server offers."""

    async def pass_on(self, passage: Passage) -> OpenStream:
        """The answer as it comes, whatever its status. Raises UpstreamError if there is none or our key was refused."""


@runtime_checkable
class LendsSlots(Protocol):
    """An upstream whose slots are counted here and can be lent to a shadow while no client needs them."""

    @property
    def idle(self) -> bool:
        """Whether a slot is free and no call waits; if its slots are unknown, whether no call is open."""

    def lend(self, recall: Callable[[], object]) -> Callable[[], None]:
        """Call `recall` as soon as a client finds no free slot. Returns a function that ends the loan."""


@dataclass(frozen=True, slots=True)
class MemberAnswer:
    """One member's answer to the request, and in how many tokens.

    `digest`: that of the member's model. `flags`: what judges found in this answer alone (`clean`, `refused`,
    `looped`), each from 0 to 1.
    """

    member: str
    digest: str
    answer: "Answer"
    tokens: int | None = None
    flags: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a judge is given beside the answer itself."""

    given: tuple[MemberAnswer, ...] = ()  # every answer to the request in this step so far, in asking order
    members: tuple[str, ...] = ()  # the digests of all members, in asking order
    opinions: tuple["Answer | None", ...] = ()  # the answers to this judge's own questions; None for a failed one
    asked: bool = False  # whether this judge has already had a question asked about this answer
    keep_cut: float | None = None
    by_hand: bool = False  # whether a person set `keep_cut`
    strictness: float | None = None  # the level whose learnt cuts are in force
    may_repair: bool = False  # this and the rest are keys of the step
    opinion: str = ""
    sure: float | None = None
    agree: int = 2


@runtime_checkable
class Explorable(Protocol):
    """An upstream that can find out, free of charge, what its server can do."""

    async def explore(self, *, tokens: bool = True) -> None:
        """Find out once; `state` reports it from then on. Asks for no answers if `tokens` is False. Never raises."""

    def forget(self) -> None:
        """Have the next `explore` find out again."""


class Answer(msgspec.Struct, frozen=True):
    """A reply as a judge sees it: the assistant's whole message, whether it was streamed or not.

    `message`: OpenAI's message object (content, tool_calls, refusal). `complete` is False for a prefix. `choices`:
    how many answers came, 0 if that is unknown.
    """

    message: Mapping[str, Any]
    finish_reason: str | None
    complete: bool = True
    logprobs: Sequence[Mapping[str, Any]] = ()
    hearing: Hearing = Hearing()
    choices: int = 0


class Judge(Protocol):
    """Checks a reply. It calls no upstream: if it wants something asked, its verdict says so.

    With a true attribute `together` it weighs all answers of a panel, otherwise it looks at each answer alone. With a
    true attribute `late` it reads whole answers only, no prefixes.
    """

    name: str

    def judge(self, request: Mapping[str, Any], answer: Answer, evidence: Sequence[Verdict]) -> Verdict:
        """Accept, escalate, wait or ask, and why. `evidence`: the verdicts of the judges before this one."""


Table = Literal["exchanges", "attempts", "verdicts", "labels", "keys", "audit_log"]


class Store(Protocol):
    """The ledger. `append` is for the hot path; the rest is for people and reports."""

    def append(self, record: Attempt | Exchange, ended: Sequence[Attempt] = ()) -> None:
        """Write a record to the journal on disk; it becomes a row within 100 ms.

        It is an open attempt (with those of its exchange that have `ended` by then), a finished one, or a closed
        exchange with its attempts and verdicts. Raises LedgerUnwritable if the journal cannot be written.
        """

    def put(self, table: Table, row: Mapping[str, Any]) -> None:
        """Insert or replace one row of `keys`, `labels` or `audit_log`, at once."""

    def find(self, table: Table, **where: Any) -> list[dict[str, Any]]:
        """Rows whose columns equal `where`, newest first, at most 1,000."""

    def aggregate(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """A named aggregate, grouped in SQL: no report receives ledger rows."""

    def close(self) -> None:
        """Write what is journalled into the tables, then close."""


class Observer(Protocol):
    """Something that also happens once a request is done."""

    def observe(self, exchange: Exchange) -> None:
        """Take note of a closed exchange. Must neither raise nor wait."""
