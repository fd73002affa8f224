"""One client request from first byte to last row, and what was asked and judged on the way."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from msgspec import Struct, field
from msgspec.structs import force_setattr, replace

from router.core.prices import NOTHING, UNKNOWN, Price, PriceState, Usage, total_state


class Outcome(StrEnum):
    """How an exchange ended. `interrupted`: we died; `aborted`: the client left."""

    ANSWERED = "answered"
    FAILED = "failed"
    ABORTED = "aborted"
    INTERRUPTED = "interrupted"
    REFUSED = "refused"


class Origin(StrEnum):
    """Why an upstream was called at all."""

    SERVE = "serve"
    PANEL = "panel"
    SHADOW = "shadow"
    JUDGE = "judge"
    EXPLORE = "explore"
    CLASSIFY = "classify"
    COUNT = "count"


class Reason(StrEnum):
    """Why this call was made and not another."""

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

    Journalled when opened (`ended_at` None) and with its exchange, when that closes. `status` is the upstream's
    HTTP status, None when none came; `error` is the code of what went wrong, or `cancelled`. `changes`:
    what was translated or left out of the client's body for this upstream, in words. `local`: whether it
    stays here, as checked when it was sent, and `local_only` whether it had to; `egress` is how far it
    goes, `host` where it is sent, `peer` the address it was connected to, `tags` the client's. `key`, `policy` and
    `rule` are its exchange's, so that a row whose process died still says whose it was. `cost` is exact dollars and
    follows from the rest: zero when nothing was used, None when the price or the usage is unknown.
    """

    id: str
    exchange: str
    step: int
    origin: Origin
    reason: Reason
    upstream: str
    model: str
    local: bool
    started_at: int
    price: Price = UNKNOWN
    ended_at: int | None = None
    status: int | None = None
    error: str | None = None
    usage: Usage | None = None
    ttft_ms: float | None = None
    total_ms: float | None = None
    changes: tuple[str, ...] = ()
    local_only: bool = False
    egress: str = ""
    host: str = ""
    peer: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    machine: str = ""
    key: str = ""
    policy: str = ""
    rule: str = ""
    cost: Decimal | None = None

    def __post_init__(self) -> None:
        usage = self.usage
        if usage is not None:
            if self.price.above is not None:
                force_setattr(self, "price", self.price.at(usage))  # what it is charged by stands on its row
            force_setattr(self, "cost", self.price.cost(usage))
        elif self.ended_at is not None:
            force_setattr(self, "cost", NOTHING)

    def finished(self, ended_at: int, **changes: Any) -> "Attempt":
        """This attempt with its end written in; `total_ms` follows from the times."""
        total_ms = (ended_at - self.started_at) / 1000
        return replace(self, ended_at=ended_at, total_ms=total_ms, **changes)


class Question(Struct, frozen=True):
    """What a judge wants asked before it settles: data, which the one calling function carries out.

    `sample`: the same request once more. `opinion`: `body`, a chat body of the judge's own, put to
    `upstream`. `repair`: `body`, put to the model that answered; its reply takes the answer's place.
    """

    kind: Literal["sample", "opinion", "repair"]
    judge: str
    upstream: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


class Heard(Struct, frozen=True):
    """One distinct value among the answers weighed: who said so (places among the answers, then their attempts, the
    one whose text would go out first) and its evidence; None of those that said nothing that can be compared. `names`:
    the digest of what the numbers mean, said once, of the best."""

    by: tuple[int, ...]
    evidence: tuple[float, ...] | None
    names: str = ""
    attempts: tuple[str, ...] = ()


class Verdict(Struct, frozen=True):
    """What a judge said of a reply. `score`: in [0, 1], higher is better, None where it has none.

    `evidence` is kept as packed floats so that a verifier can learn without bodies. `best`: where
    several answers were given, the place in them of the one that should go out. `questions`: with
    the action `ask`, what must be asked first. `cut`: what the score was held against, None where
    nothing was, `stage` how many answers had been heard by then, and `support` how many of them say
    what the best one says; 0 of a judge that counts none. `heard`: every answer by what it says, the
    best first (its evidence is the verdict's own), so that who weighs can learn which to prefer.
    """

    judge: str
    action: str
    reason: str
    score: float | None = None
    evidence: tuple[float, ...] = ()
    attempt: str = ""
    best: int | None = None
    questions: tuple[Question, ...] = ()
    cut: float | None = None
    stage: int = 0
    support: int = 0
    heard: tuple[Heard, ...] = ()


MANY, UNHEARD = "*", "?"
ACCEPT, ESCALATE, WAIT, ASK = "accept", "escalate", "wait", "ask"
TOO_LATE = "too late to act: "


class Exchange(Struct):
    """The one record that grows: opened with the request, closed with the last row.

    `cost` and `price_state` follow from the attempts. What the fields mean is CONTRACT's ledger
    table; `baseline` is the upstream its client would have used. `p_good` is about `subject`; its
    `task_terms` are the numbers the artifact's task means added, kept so that it can be explained
    later without the prompt (`places` has them for every local upstream while the request lasts).
    `served` is the attempt whose answer went out, known while the request lasts.
    `limit`: the most tokens that the client allowed all its answers together, None where it set no limit.
    `answerer` is who gave every earlier answer of the conversation, "" on a first turn, MANY where it
    was not one alone, UNHEARD where nobody here remembers; `skipped` says which steps could not be taken.
    `shadow` is what became of trying out the plan that the baseline stood in for, "" where that was not due.
    `waited_us`: how long a retry was put off, which is nobody's time. `question` is a salted hash that equal questions
    share, written once the answer has gone out. `accounted`: from what its costs were worked out last.
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
    places: dict[str, tuple[tuple[str, float], ...]] = field(default_factory=dict)
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
    served: str = ""
    escalated: str | None = None
    fallback: str | None = None
    skipped: str = ""
    limit: int | None = None
    answerer: str = ""
    degraded: bool = False
    shadow: str = ""
    ended_at: int | None = None
    ttft_ms: float | None = None
    overhead_ms: float | None = None
    total_ms: float | None = None
    waited_us: int = 0
    accounted: tuple[Any, ...] = ()

    def note(self, outcome: str, why: str) -> None:
        """Add what became of the plan, and why, to the ledger's `reasons`."""
        self.reasons = (*self.reasons, {"rule": self.rule, "outcome": outcome, "why": why})

    @property
    def price_state(self) -> PriceState:
        """Known, free or unknown, over every attempt that used anything."""
        return total_state({attempt.price.state for attempt in self.attempts if attempt.usage is not None})

    @property
    def cost(self) -> Decimal | None:
        """Exact dollars of every attempt; None when any price is unknown."""
        total = NOTHING
        for attempt in self.attempts:
            if attempt.cost is None:
                return None
            total += attempt.cost
        return total
