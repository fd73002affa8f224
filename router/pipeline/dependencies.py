"""Everything that answering a request depends on: ports, settings and facts. The runtime hands it over as one."""

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
from router.pipeline.intake import Intake
from router.pipeline.sessions import Sessions
from router.pipeline.settings import Settings
from router.pipeline.spilling import Spills
from router.pipeline.traits import KnownTraits


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Everything that one exchange needs. A reload builds a new one; requests under way keep the old one."""

    settings: Settings
    upstreams: Mapping[str, Upstream]
    policies: Mapping[str, Policy]
    judges: Mapping[str, Judge]
    store: Store
    clock_us: Callable[[], int]  # microseconds since 1970, UTC; never runs backwards
    random_bytes: Callable[[int], bytes]
    facts: Mapping[str, SignalValue] = field(default_factory=dict)  # what policies may read of the upstreams
    paces: Mapping[str, Pace] = field(default_factory=dict)  # how fast the local upstreams have been
    digests: Mapping[str, str] = field(default_factory=dict)
    classifier: Classifier | None = None
    # By policy, if its author set no cuts: those that a certificate or the built-in world gives, and their strictness.
    cuts: Mapping[str, float] = field(default_factory=dict)
    keep_cuts: Mapping[str, float] = field(default_factory=dict)
    strictness: Mapping[str, float] = field(default_factory=dict)
    observers: Sequence[Observer] = ()
    paused: Callable[[str], bool] = lambda key: False  # whether all requests of a key go to the baseline
    # Takes an answered exchange, to try its plan out in the shadow; None if no policy has a shadow.
    shadow: Callable[["Dependencies", Exchange, ChatRequest, Callable[[], Answer | None]], None] | None = None
    sessions: Sessions = field(default_factory=Sessions)
    traits: KnownTraits = field(default_factory=KnownTraits)
    breakers: Breakers = field(default_factory=Breakers)
    retries: Retries = field(default_factory=Retries)
    spills: Spills = field(default_factory=Spills)
    holding: Holding = field(default_factory=Holding)
    intake: Intake = field(default_factory=Intake)
    # Computed from the above.
    locals: tuple[str, ...] = field(init=False)  # local upstreams in the config's order; `p_good` is about the first
    detecting: frozenset[str] = field(init=False)  # policies that need the detectors of personal data
    reaches: Mapping[str, Reach] = field(init=False)  # how far calls of each upstream go
    passes_keys: bool = field(init=False)  # whether any upstream is asked with the caller's own token
    shared: Mapping[str, str] = field(init=False)  # the device of each upstream that shares one
    reading: Mapping[str, frozenset[str]] = field(init=False)  # the signals each policy reads off a request's words
    keeping: bool = field(init=False)  # whether a rule of any policy keeps requests here

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

        It goes to a cloud if the server says that one runs the model, and is unchecked if the server has not said.
        """
        cloud = self.facts.get(f"{name}.cloud")
        if cloud == UNKNOWN_CLOUD:
            return Reach(Egress.UNCHECKED, self.reaches[name].host)
        return Reach(Egress.REMOTE, str(cloud)) if cloud else self.reaches[name]

    def window(self, name: str) -> int | None:
        """The tokens that the upstream `name` reads and writes in all; None if that is not known."""
        window = self.facts.get(f"{name}.context")
        return window if isinstance(window, int) else None

    def stays(self, name: str) -> bool:
        """Whether what is sent to the upstream `name` stays here: it is marked local, and nothing says otherwise."""
        return self.upstreams[name].spec.local and self.reach(name).egress.stays
