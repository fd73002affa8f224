"""What the policies in force rest on: a certificate (none yet), cuts set by hand, or nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil, log
from typing import Protocol

from policies.policy import Policy, Promise
from router.core.errors import Problem

REMEDY = (
    "write the `cut:` that `smallfirst learn evaluate --from ledger` finds in your own traffic (docs/labelled-data.md)"
)
KEEP = "write `keep_cut:` by hand, or take the judge out of the step (docs/judges.md)"
TRAIN = "train on graded answers of it (docs/labelled-data.md)"


class Learned(Protocol):
    """The part of an artifact that says which models it was trained on."""

    def knows(self, digest: str) -> bool:
        """Whether any labelled row it learned from is about the model of that digest."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a configuration decides by: the policies in use, and what their cuts resolve to.

    `cuts` and `keep_cuts` are by policy, where the policy's author set none.
    """

    policies: tuple[Policy, ...]
    baseline: str
    cuts: Mapping[str, float] = field(default_factory=dict)
    keep_cuts: Mapping[str, float] = field(default_factory=dict)

    def resolved(self, policy: Policy) -> dict[str, float | None]:
        """The `cut` and `keep_cut` that a policy decides by; None if there is none."""
        return {
            "cut": self.cuts.get(policy.name) if policy.cut is None else policy.cut,
            "keep_cut": self.keep_cuts.get(policy.name) if policy.keep_cut is None else policy.keep_cut,
        }


def unproven(grounds: Grounds) -> Iterator[Problem]:
    """The policies that promise what nothing proves and have no cut by hand: the baseline answers for them.

    There is no date by which the labels would be there: nothing grades yet, so none come by themselves.
    """
    for policy in grounds.policies:
        if policy.promise is None or grounds.resolved(policy)["cut"] is not None:
            continue
        stays = ", but for what its `local_only` rules keep here" if policy.keeps else ""
        needed = labels_needed(policy.promise)
        labels = f"about {needed:,} graded answers" if needed else "graded answers"
        message = (
            "no certificate and no `cut:` stand behind it, so the baseline "
            f"{grounds.baseline} answers everything{stays}; "
            f"a certificate takes {labels}, and no date can be named: this release grades none"
        )
        yield Problem(f"policy {policy.name}", None, "promise", message, REMEDY)


def keeping_nothing(grounds: Grounds) -> Iterator[Problem]:
    """The policies that act and have a judge `verifier` whose answers all go on, for want of a `keep_cut`."""
    for policy in grounds.policies:
        cuts = grounds.resolved(policy)
        if cuts["keep_cut"] is not None or policy.mode.name == "observe" or (policy.promise and cuts["cut"] is None):
            continue
        for rule in (*policy.rules, policy.otherwise):
            reads = {each.name for each in rule.when.reads} if rule.when else set()
            if "keep_cut" not in reads and any("verifier" in step.judges for step in rule.plan.steps):
                message = (
                    "the judge `verifier` keeps no answer without a `keep_cut`, so all that it reads are paid for twice"
                )
                yield Problem(f"policy {policy.name}", None, f"rule {rule.name}", message, KEEP)


def by_hand(grounds: Grounds) -> Iterator[str]:
    """The policies that act on cuts set by hand, each with its cuts; one that observes acts on none."""
    for policy in grounds.policies:
        cuts = grounds.resolved(policy)
        named = [f"{name} {value:.4g}" for name, value in cuts.items() if value is not None]
        if not named or policy.signals.isdisjoint(cuts):
            continue
        said = f"policy {policy.name}: {', '.join(named)} by hand"
        if policy.mode.name == "observe":
            yield f"{said} only says what is tried out; the baseline {grounds.baseline} answers everything"
        else:
            yield f"{said}; no certificate says what that loses"


def labels_needed(promise: Promise) -> int:
    """How many graded answers a certificate takes where none of them is worse than the baseline's, or better."""
    wealth = -log(1 - promise.confidence)
    loss = wealth / log(1 + promise.max_loss) if promise.max_loss else 0.0
    harm = wealth / -log(1 - promise.max_harm) if promise.max_harm and promise.max_harm < 1 else 0.0
    return ceil(max(loss, harm))


def unmeasured(policies: Iterable[Policy], learned: Learned, digests: Mapping[str, str]) -> Iterator[Problem]:
    """The upstreams whose `p_good` some rule reads though no row it was learned from is about their model."""
    for name in sorted(_subjects(policies) & digests.keys()):
        if not learned.knows(digests[name]):
            message = "no labelled row is about this model: its `p_good` is the average of others"
            yield Problem(f"upstream {name}", None, "p_good", message, TRAIN)


def _subjects(policies: Iterable[Policy]) -> frozenset[str]:
    """The upstreams that `p_good` is about, wherever a rule reads it, alone or as `p_good.NAME`."""
    rules = [rule for policy in policies for rule in policy.rules if rule.when is not None]
    read = [(rule.subject, each.name) for rule in rules if rule.when for each in rule.when.reads]
    named = {name.removeprefix("p_good.") for _, name in read if name.startswith("p_good.")}
    return frozenset(named | {subject for subject, name in read if name == "p_good" and subject})
