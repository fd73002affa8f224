"""The records of a policy and what it decides: rules, plans, decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal

from msgspec import Struct

from policies.conditions import Condition
from policies.names import Ask, Stream
from policies.terms import Value, Values

ModeName = Literal["act", "observe", "canary", "paused"]
Session = Literal["upgrade_only", "none"]
Outcome = Literal["matched", "skipped", "unknown", "overruled"]
Resort = Literal["", "queue", "degrade"]

OTHERWISE = "otherwise"


@dataclass(frozen=True)
class Step:
    """One upstream with the judges of its answer; without judges it is passed through.

    A `prefix` of None stands for the first sentence if `stream` is `prefix`, and for the whole answer if it is `race`.
    """

    upstream: str  # the first member, if there is a panel
    judges: tuple[str, ...] = ()
    stream: Stream = "hold"  # how a judged answer is streamed
    panel: tuple[str, ...] = ()  # small models that are asked the same thing
    ask: Ask = "in_order"  # whether members are asked one after another or all at once
    samples: int = 1  # how often each member is asked
    member_ms: int | None = None  # how long one member may take
    prefix: int | None = None  # tokens that must have come before a part may go out, 0 for the first sentence
    first_token_ms: int | None = None  # after so long without a token the next step is asked beside this one
    hedge_ms: int | None = None  # after so long without a sign the same call is made once more, elsewhere
    band: tuple[float, float] | None = None  # a `p_good` within it starts a race with the next step at once
    repair: bool = False  # whether the model may correct a broken answer once
    opinion: str = ""  # whom the judge `llm` asks
    sure: float | None = None  # the least that the judge `confidence` accepts
    agree: int = 2  # how many must give the same value for the judge `agreement`
    resort: Resort = ""  # never in a file: marks a step of last resort, which the router added

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The upstreams it asks, each once, in order."""
        return self.panel or (self.upstream,)

    @cached_property
    def confers(self) -> bool:
        """Whether it asks for several answers to the same request, to compare them."""
        return len(self.panel) * self.samples > 1 or (not self.panel and self.samples > 1)

    @cached_property
    def plain(self) -> bool:
        """Whether it is one call whose answer is always accepted: no judges, no other members, no race and no hedge."""
        timed = (self.first_token_ms, self.hedge_ms, self.band) != (None, None, None)
        return not (self.judges or self.confers or timed or self.resort)

    def __str__(self) -> str:
        return self._words

    @cached_property
    def _words(self) -> str:
        who = f"({' + '.join(self.panel)})" if self.panel else self.upstream
        who = f"{who} x{self.samples}" if self.samples > 1 else who
        return f"{who}[{', '.join(self.judges)}]" if self.judges else who


@dataclass(frozen=True)
class Plan:
    """Ordered steps. A `local_only` plan holds local upstreams only, checked at load."""

    steps: tuple[Step, ...]
    local_only: bool = False

    @cached_property
    def upstreams(self) -> tuple[str, ...]:
        """Every upstream the plan may ask, in order, each once."""
        return tuple(dict.fromkeys(name for step in self.steps for name in step.members))

    @cached_property
    def opinions(self) -> tuple[str, ...]:
        """Every upstream that a judge of the plan may ask."""
        return tuple(dict.fromkeys(step.opinion for step in self.steps if step.opinion))

    def __str__(self) -> str:
        return " > ".join(self.said)

    @cached_property
    def said(self) -> tuple[str, ...]:
        """Its steps in words, as the ledger keeps them."""
        return tuple(map(str, self.steps))


@dataclass(frozen=True, slots=True)
class Rule:
    """If `when` holds, `plan` is taken. A `when` of None always holds; `otherwise` has none.

    `subject` is the upstream that `p_good` is about: the first local one of the plan, else of the policy; None
    when the policy names no local upstream.
    """

    name: str
    when: Condition | None
    plan: Plan
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """How much quality may be given up, and how sure we are: mean signed loss, share of harm, confidence."""

    max_loss: float
    max_harm: float | None = None
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Audit:
    """The share of exchanges graded to learn, its floor, who judges, and the budget a day."""

    share: float = 0.0
    floor: float = 0.0
    judge: str | None = None
    usd_per_day: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Spill:
    """What may be paid in any sixty minutes because the small model is unavailable, and what happens then.

    queue: requests wait for the small one · refuse: they get 503 · degrade: `Policy.degrade` answers.
    """

    usd_per_hour: Decimal
    then: Literal["queue", "refuse", "degrade"]


@dataclass(frozen=True, slots=True)
class Shadow:
    """The share of exchanges the baseline answers whose plan is tried out afterwards, for at most so much a day.

    `usd_per_day` bounds what upstreams with a price may cost; free ones are always within it.
    """

    share: float = 0.0
    usd_per_day: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Mode:
    """How far plans are carried out.

    act: always · observe: never, the baseline answers · canary: for `share` of the conversations · paused: like
    observe, but set by an operator and never by a file.
    """

    name: ModeName = "act"
    share: float = 1.0
    by: Literal["conversation"] = "conversation"


@dataclass(frozen=True, slots=True)
class Case:
    """One of a policy's own tests: this request must meet this rule."""

    request: Mapping[str, object]
    rule: str
    signals: Mapping[str, Value | None]
    line: int


@dataclass(frozen=True)
class Policy:
    """A checked policy file.

    `digest` is the sha256 of what decides (layout, comments, `about` and `tests` left out). `cut` and `keep_cut`
    are set by hand, None where a certificate must set them. `at_home` are the upstreams that were local when the
    file was read; `candidates` the distinct plans of rules that are not `local_only`, which exploration draws
    from. `degrade` are the upstreams that may answer when none of a plan could, in order.
    """

    name: str
    otherwise: Rule
    rules: tuple[Rule, ...] = ()
    about: str = ""
    mode: Mode = Mode()
    promise: Promise | None = None
    cut: float | None = None
    keep_cut: float | None = None
    explore: float = 0.0
    holdout: float = 0.0
    audit: Audit = Audit()
    shadow: Shadow = Shadow()
    session: Session = "upgrade_only"
    degrade: tuple[str, ...] = ()
    spill: Spill | None = None
    tests: tuple[Case, ...] = ()
    at_home: frozenset[str] = frozenset()
    candidates: tuple[Plan, ...] = ()
    digest: str = ""
    source: str = ""

    @cached_property
    def label(self) -> str:
        """The name and the first six hex digits of the digest: `balanced@3fa9c1`."""
        return f"{self.name}@{self.digest[:6]}"

    @cached_property
    def signals(self) -> frozenset[str]:
        """Every signal that a rule reads, by the name it is written with."""
        return frozenset(read.name for rule in self.rules if rule.when for read in rule.when.reads)

    @cached_property
    def keeps(self) -> bool:
        """Whether any rule is `local_only`."""
        return any(rule.plan.local_only for rule in self.rules)

    @cached_property
    def steady(self) -> bool:
        """Whether a rule's plan is always carried out: no mode, hold-out, exploration or promise can replace it."""
        return self.mode.name == "act" and not (self.holdout or self.explore or self.promise)

    @cached_property
    def upstreams(self) -> tuple[str, ...]:
        """Every upstream that a rule, `otherwise`, `degrade` or the audit names, each once."""
        plans = [rule.plan for rule in (*self.rules, self.otherwise)]
        named = [name for plan in plans for name in (*plan.upstreams, *plan.opinions)] + list(self.degrade)
        return tuple(dict.fromkeys([*named, *([self.audit.judge] if self.audit.judge else [])]))


class Draw(Struct, frozen=True, gc=False):
    """Four independent numbers in [0, 1), from a salted hash of the conversation, so that all its turns are alike."""

    holdout: float
    explore: float
    pick: float
    canary: float


class Reason(Struct, frozen=True):
    """Why one rule was met, skipped or overruled.

    `values` are what its condition read, and `truth` is its outcome. The words are made only when `why` is asked for,
    since far more decisions are made than read.
    """

    rule: str
    outcome: Outcome
    note: str = ""
    condition: Condition | None = None
    values: Values = ()
    truth: bool | None = None

    @property
    def why(self) -> str:
        """The reason in words with its numbers: "p_good 0.41 < cut 0.72"."""
        said = self.condition.said(self.values, self.truth) if self.condition else ""
        return f"{said} ({self.note})" if said and self.note else said or self.note


class Decision(Struct, frozen=True):
    """What will be done with one request, and why, as data.

    `plan` is carried out. `shadow_plan` is what the policy would have done, if the baseline answers in its place,
    else None. `propensity` in (0, 1] is the probability with which `plan` was taken *given* the
    conversation's arm (`holdout`, canary, observe), which is recorded beside it. `allowed_plans` is what it was
    drawn from. `subject` is the upstream that `p_good` is about, as the rule has it; None is unknown, here as
    for `p_good`, `cut`, `keep_cut` and `strictness`.
    """

    policy: str
    digest: str
    rule: str
    plan: Plan
    reasons: tuple[Reason, ...]
    subject: str | None = None
    mode: ModeName = "act"
    explored: bool = False
    allowed_plans: tuple[Plan, ...] = ()
    propensity: float = 1.0
    holdout: bool = False
    strictness: float | None = None
    shadow_plan: Plan | None = None
    p_good: float | None = None
    cut: float | None = None
    keep_cut: float | None = None
