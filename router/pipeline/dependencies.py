"""What answering requests depends on: every port and every fact, handed over whole by the runtime."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from classifier.artifact import Classifier
from policies.policy import Policy
from router.core.devices import shared_devices
from router.core.dialects.chat import ChatRequest
from router.core.egress import Egress, Reach, reach_of
from router.core.exchange import Exchange
from router.core.pace import Pace
from router.core.ports import Answer, Judge, Observer, Store, Upstream
from router.core.retries import Retries
from router.core.signals import PRIVATE, READ, SignalValue
from router.core.upstream import UNKNOWN_CLOUD
from router.pipeline.breakers import Breakers
from router.pipeline.holding import Holding
from router.pipeline.sessions import Sessions
from router.pipeline.settings import Settings
from router.pipeline.spilling import Spills
from router.pipeline.traits import KnownTraits


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Everything one exchange needs; a reload builds a new one and leaves this to its requests.

    `facts` is what policies may read of the upstreams, kept fresh by the runtime; `paces` is how the
    local ones have been doing; `cuts`, `keep_cuts` and `strictness` hold what a policy's `cut` and `keep_cut`
    resolve to and at which level (a certificate's, or the built-in world's); `paused` says whether
    a key's traffic goes to the baseline; `shadow` takes what was answered to be tried out again, None where no
    policy wants that; `traits` says how each upstream is spoken to, `breakers` who is passed over,
    `retries` how often a call may be made again, `spills` what was paid because a small one was unavailable,
    `holding` what is held back for judges;
    `locals` are the local upstreams in the config's order, the first of which `p_good` alone is about; `detecting`
    are the policies that read what the detectors of personal data find, `reading` what each policy reads
    off a request's words; `keeping` says whether a rule of any keeps requests here; `reaches` says how far calls of
    each upstream go; `shared` names the device of those that have it together; `passes_keys` whether any is asked
    with the caller's own token; `clock_us` is microseconds since 1970, UTC, and never runs backwards.
    """

    settings: Settings
    upstreams: Mapping[str, Upstream]
    policies: Mapping[str, Policy]
    judges: Mapping[str, Judge]
    store: Store
    clock_us: Callable[[], int]
    random_bytes: Callable[[int], bytes]
    facts: Mapping[str, SignalValue] = field(default_factory=dict)
    paces: Mapping[str, Pace] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    classifier: Classifier | None = None
    cuts: Mapping[str, float] = field(default_factory=dict)
    keep_cuts: Mapping[str, float] = field(default_factory=dict)
    strictness: Mapping[str, float] = field(default_factory=dict)
    observers: Sequence[Observer] = ()
    paused: Callable[[str], bool] = lambda key: False
    shadow: Callable[["Dependencies", Exchange, ChatRequest, Callable[[], Answer | None]], None] | None = None
    sessions: Sessions = field(default_factory=Sessions)
    traits: KnownTraits = field(default_factory=KnownTraits)
    breakers: Breakers = field(default_factory=Breakers)
    retries: Retries = field(default_factory=Retries)
    spills: Spills = field(default_factory=Spills)
    holding: Holding = field(default_factory=Holding)
    locals: tuple[str, ...] = field(init=False)
    detecting: frozenset[str] = field(init=False)
    reaches: Mapping[str, Reach] = field(init=False)
    passes_keys: bool = field(init=False)
    shared: Mapping[str, str] = field(init=False)
    reading: Mapping[str, frozenset[str]] = field(init=False)
    keeping: bool = field(init=False)

    def __post_init__(self) -> None:
        local = tuple(name for name, upstream in self.upstreams.items() if upstream.spec.local)
        object.__setattr__(self, "locals", local)
        passes_keys = any(upstream.spec.passes_key for upstream in self.upstreams.values())
        object.__setattr__(self, "passes_keys", passes_keys)
        reaches = {name: reach_of(upstream.spec) for name, upstream in self.upstreams.items()}
        object.__setattr__(self, "reaches", reaches)
        object.__setattr__(self, "shared", shared_devices(upstream.spec for upstream in self.upstreams.values()))
        detecting = (name for name, policy in self.policies.items() if not policy.signals.isdisjoint(PRIVATE))
        object.__setattr__(self, "detecting", frozenset(detecting))
        reading = {name: policy.signals & READ.keys() for name, policy in self.policies.items()}
        object.__setattr__(self, "reading", reading)
        object.__setattr__(self, "keeping", any(policy.keeps for policy in self.policies.values()))

    def reach(self, name: str) -> Reach:
        """How far a call of the upstream `name` goes now.

        To a cloud where its server says that one runs the model; unchecked where it might and has not said.
        """
        cloud = self.facts.get(f"{name}.cloud")
        if cloud == UNKNOWN_CLOUD:
            return Reach(Egress.UNCHECKED, self.reaches[name].host)
        return Reach(Egress.REMOTE, str(cloud)) if cloud else self.reaches[name]

    def window(self, name: str) -> int | None:
        """The tokens that the upstream `name` reads and writes in all; None where it is not known."""
        window = self.facts.get(f"{name}.context")
        return window if isinstance(window, int) else None

    def stays(self, name: str) -> bool:
        """Whether what is sent to the upstream `name` stays here: it is marked local, and it is."""
        return self.upstreams[name].spec.local and self.reach(name).egress.stays
