"""Which upstreams may see a request: by `local_only` rules and `egress` tags, which hold whatever the client names."""

import math
from collections.abc import Iterator, Mapping
from itertools import chain
from unicodedata import normalize

from policies.decide import meet
from policies.policy import Plan, Policy, Step
from policies.terms import Signals
from router.core.capabilities import has_room, lacking
from router.core.errors import Forbidden, NotReady, RouterError
from router.core.upstream import UNKNOWN_CLOUD
from router.pipeline.dependencies import Dependencies

LOCAL = "local"

AWAY_S = 5.0
"""The retry-after for an unavailable upstream whose breaker names no time: as often as upstreams are probed."""


def governing_policy(deps: Dependencies, model: str) -> Policy | None:
    """The policy that the operator chose for all requests for `model`; None if it has no `local_only` rule.

    A client may name another policy, or an upstream directly, but these rules still hold.
    """
    entrypoint = deps.settings.entrypoints.get(model)
    policy = deps.policies.get(entrypoint.policy if entrypoint else deps.settings.default_policy)
    return policy if policy is not None and policy.keeps else None


def must_stay(policy: Policy, signals: Signals) -> bool:
    """Whether the rule of `policy` that these signals meet is `local_only`; such a rule is also met if in doubt."""
    rule, _ = meet(policy, signals)
    return rule.plan.local_only


def allowed(deps: Dependencies, tags: Mapping[str, str]) -> frozenset[str] | None:
    """The upstreams that may see a request with `tags`, by every line of `egress:` that is about one of them.

    None if no line is: then every upstream may. `local` stands for the upstreams that stay here now, which leaves out
    any whose server has said since that a cloud runs its model.
    """
    lists = [_named(deps, names) for rule, names in deps.settings.egress.items() if _carries(tags, rule)]
    return frozenset.intersection(*lists) if lists else None


def not_local(deps: Dependencies, name: str) -> Forbidden:
    """The error for a `local_only` request that would go to `name`."""
    why = f"{name!r} is not local"
    if deps.facts.get(f"{name}.cloud") == UNKNOWN_CLOUD and deps.upstreams[name].spec.local:
        why = f"it is not known whether a cloud runs the model of {name!r}: its server has not said so yet"
    return Forbidden(f"`local_only`: {why}, so nothing was sent there.", code="local_only")


def loading_at_home(deps: Dependencies, policy: Policy, signals: Signals, demanded: tuple[str, ...]) -> Plan:
    """The plan of a local-only exchange that only an upstream which is loading its model can carry out: asked, it is
    waited for, as on the last step of any plan. Without steps where there is none."""
    for name in _lacking_only_readiness(deps, policy, signals, demanded):
        if signals.get(f"{name}.loading") and not deps.breakers.is_open(name, deps.clock_us()):
            return Plan((Step(name),), local_only=True)
    return Plan((), local_only=True)


def no_local_upstream(deps: Dependencies, policy: Policy, signals: Signals, demanded: tuple[str, ...]) -> RouterError:
    """The error if no local plan of `policy` can be carried out: NotReady if only for now, else Forbidden."""
    for name in _lacking_only_readiness(deps, policy, signals, demanded):
        left_s = deps.breakers.status(name, deps.clock_us()).left_s or AWAY_S
        what = f"`local_only`: only {name!r} may answer this, and it is unavailable. Try again shortly"
        return NotReady(what, upstream=name, headers={"retry-after": str(math.ceil(left_s))})
    return Forbidden("`local_only`: no local upstream may answer this.", code="local_only")


def _lacking_only_readiness(
    deps: Dependencies, policy: Policy, signals: Signals, demanded: tuple[str, ...]
) -> Iterator[str]:
    """The local upstreams of the policy's plans that could answer, were they ready."""
    steps = (step for rule in (*policy.rules, policy.otherwise) for step in rule.plan.steps)
    local_steps = (step.members for step in steps if policy.at_home.issuperset(step.members))
    for name in dict.fromkeys(chain.from_iterable(local_steps)):
        able = has_room(name, signals) and not lacking(demanded, deps.traits.lacks(name))
        if able and deps.stays(name) and signals.get(f"{name}.ready") is False:
            yield name


def keep_within(plan: Plan, names: frozenset[str] | None) -> Plan:
    """The steps of `plan` that ask only upstreams in `names`. Raises Forbidden if none is left."""
    if names is None:
        return plan
    steps = tuple(step for step in plan.steps if names.issuperset(step.members))
    if not steps:
        raise Forbidden("`egress`: no upstream that this request's tags allow may answer it.", code="egress")
    return Plan(steps, plan.local_only)


def _named(deps: Dependencies, names: frozenset[str]) -> frozenset[str]:
    if LOCAL not in names:
        return names
    return names - {LOCAL} | {name for name in deps.locals if deps.stays(name)}


def _carries(tags: Mapping[str, str], rule: str) -> bool:
    """Whether the tags match the rule, ignoring case and quotes: a rule that keeps data here errs on the safe side."""
    name, _, value = _plain(rule).partition("=")
    return any(_plain(tag) == name and value in map(_plain, values.split(",")) for tag, values in tags.items())


def _plain(text: str) -> str:
    return normalize("NFC", text).casefold().strip(" \"'")
