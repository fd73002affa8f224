"""One client request from first byte to last row, with the calls made for it and the judges' verdicts."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from msgspec import Struct, field
from msgspec.structs import force_setattr, replace

from router.core.prices import NOTHING, UNKNOWN, Price, PriceState, Usage, charged, total_state


class Outcome(StrEnum):
    """How an exchange ended. `interrupted`: this process died; `aborted`: the client left."""

    ANSWERED = "answered"
    FAILED = "failed"
    ABORTED = "aborted"
    INTERRUPTED = "interrupted"
    REFUSED = "refused"


class Origin(StrEnum):
    """What an upstream was called for."""

    SERVE = "serve"
    PANEL = "panel"
    SHADOW = "shadow"
    JUDGE = "judge"
    EXPLORE = "explore"
    CLASSIFY = "classify"
    COUNT = "count"


class Reason(StrEnum):
    """Why this call followed the one before it."""

    FIRST = "first"
    RETRY = "retry"
    FALLBACK = "fallback"
    ESCALATION = "escalation"
    PANEL = "panel"
    SAMPLE = "sample"
    RACE = "race"
    HEDGE = "hedge"


class Attempt(Struct, frozen=True):
    """One call of one upstream. Times are microseconds since 1970, UTC.

    It is journalled when it is opened, and again with its exchange when that closes.
    """

    id: str
    exchange: str
    step: int
    origin: Origin
    reason: Reason
    upstream: str
    model: str
    local: bool  # whether it stays here, as checked when it was sent
    started_at: int
    price: Price = UNKNOWN
    ended_at: int | None = None  # None while it is open
    status: int | None = None  # the upstream's HTTP status; None when none came
    error: str | None = None  # the code of what went wrong, or `cancelled`
    usage: Usage | None = None
    ttft_ms: float | None = None
    total_ms: float | None = None
    changes: tuple[str, ...] = ()  # what was translated or left out of the client's body, in words
    local_only: bool = False  # whether it had to stay here
    egress: str = ""  # how far it went
    host: str = ""  # where it was sent
    peer: str = ""  # the address that was connected to
    tags: Mapping[str, str] = field(default_factory=dict)  # the client's
    machine: str = ""
    key: str = ""  # this and the next two repeat the exchange's, in case this process dies before it closes
    policy: str = ""
    rule: str = ""
    cost: Decimal | None = None  # dollars to the nano-dollar, computed: zero if nothing was used, None if unknown

    def __post_init__(self) -> None:
        usage = self.usage
        if usage is not None:
            if self.price.above is not None:
                force_setattr(self, "price", self.price.at(usage))  # the row keeps the price that was charged
            force_setattr(self, "cost", charged(self.price.cost(usage)))
        elif self.ended_at is not None:
            force_setattr(self, "cost", NOTHING)

    def finished(self, ended_at: int, **changes: Any) -> "Attempt":
        """This attempt, ended; `total_ms` is computed from the times."""
        total_ms = (ended_at - self.started_at) / 1000
        return replace(self, ended_at=ended_at, total_ms=total_ms, **changes)


class Question(Struct, frozen=True):
    """What a judge wants asked before it decides. A judge calls no upstream itself: the pipeline asks for it.

    `sample`: ask the same request once more. `opinion`: put `body`, a chat body written by the judge, to
    `upstream`. `repair`: put `body` to the model that answered; its reply replaces the answer.
    """

    kind: Literal["sample", "opinion", "repair"]
    judge: str
    upstream: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


class Heard(Struct, frozen=True):
    """One distinct value among the answers that were weighed, and who gave it."""

    by: tuple[int, ...]  # places among the answers; first the one whose text would go out
    evidence: tuple[float, ...] | None  # None for answers that cannot be compared
    names: str = ""  # the digest of what the numbers of `evidence` mean; set for the best value only
    attempts: tuple[str, ...] = ()


class Verdict(Struct, frozen=True):
    """What a judge decided about a reply."""

    judge: str
    action: str  # ACCEPT, ESCALATE, WAIT or ASK
    reason: str
    score: float | None = None  # in [0, 1], higher is better
    evidence: tuple[float, ...] = ()  # kept in the ledger, so that the second stage can learn without bodies
    attempt: str = ""
    best: int | None = None  # of several answers, the place of the one that should go out
    questions: tuple[Question, ...] = ()  # with ASK: what must be asked first
    cut: float | None = None  # what the score was compared with
    stage: int = 0  # how many answers there were by then
    support: int = 0  # how many of them agree with the best one; 0 if the judge does not count
    heard: tuple[Heard, ...] = ()  # the distinct values, the best first, to learn from


MANY, UNHEARD = "*", "?"
ACCEPT, ESCALATE, WAIT, ASK = "accept", "escalate", "wait", "ask"
TOO_LATE = "too late to act: "


class Exchange(Struct):
    """One client request, from first byte to last row: the one record that grows.

    It is opened with the request, filled in by every step and journalled when the request is done. docs/ledger.md
    explains each field that becomes a column; the others have a comment here.
    """

    id: str
    started_at: int
    key: str = ""
    dialect: str = "chat"
    entrypoint: str = ""
    stream: bool = False
    session: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    traceparent: str | None = None
    client_retry: int = 0
    retry_of: str = ""
    policy: str = ""
    policy_digest: str = ""
    rule: str = ""
    plan: tuple[str, ...] = ()
    mode: str = "act"
    explored: bool = False
    allowed_plans: int = 1
    propensity: float = 1.0
    pinned: bool = False
    holdout: bool = False
    paused: bool = False
    audit_p: float = 0.0
    audited: bool = False
    strictness: float | None = None
    local_only: bool = False
    named: bool = False
    p_good: float | None = None
    cut: float | None = None
    p_kept: float | None = None
    keep_cut: float | None = None
    certificate: str | None = None
    signals: Mapping[str, Any] = field(default_factory=dict)
    reasons: tuple[Mapping[str, Any], ...] = ()
    features: bytes = b""
    feature_set: str = ""
    task: tuple[str, ...] = ()
    question: str = ""
    config_digest: str = ""
    artifact_digest: str = ""
    subject: str = ""
    task_terms: tuple[tuple[str, float], ...] = ()
    places: dict[str, tuple[tuple[str, float], ...]] = field(default_factory=dict)  # `task_terms` by local upstream
    baseline: str = ""
    baseline_cost: Decimal | None = None
    baseline_source: str = ""
    attempts: list[Attempt] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    outcome: Outcome | None = None
    status: int | None = None
    error: str | None = None
    upstream: str = ""
    reply_id: str = ""
    served: str = ""  # the attempt whose answer went out
    escalated: str | None = None
    fallback: str | None = None
    skipped: str = ""
    limit: int | None = None  # tokens that the client allows all its answers together
    answerer: str = ""  # who gave every earlier answer: an upstream, MANY, UNHEARD (not known), "" on a first turn
    degraded: bool = False
    shadow: str = ""
    ended_at: int | None = None
    ttft_ms: float | None = None
    overhead_ms: float | None = None
    total_ms: float | None = None
    waited_us: int = 0  # how long retries were put off: neither our time nor an upstream's
    accounted: tuple[Any, ...] = ()  # what the costs were last computed from

    def note(self, outcome: str, why: str) -> None:
        """Add to `reasons` what became of the plan, and why."""
        self.reasons = (*self.reasons, {"rule": self.rule, "outcome": outcome, "why": why})

    @property
    def price_state(self) -> PriceState:
        """Whether the price of every attempt that used tokens is known."""
        return total_state({attempt.price.state for attempt in self.attempts if attempt.usage is not None})

    @property
    def cost(self) -> Decimal | None:
        """The exact cost of all attempts in dollars; None if any of them is unknown."""
        total = NOTHING
        for attempt in self.attempts:
            if attempt.cost is None:
                return None
            total += attempt.cost
        return total
