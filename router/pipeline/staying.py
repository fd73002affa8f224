"""What must stay here whatever the client names: the `local_only` rules of the policy in force."""

from policies.decide import meet
from policies.policy import Policy
from policies.terms import Signals
from router.pipeline.kit import Kit


def standing(kit: Kit, model: str) -> Policy | None:
    """The policy the operator put in charge of requests for `model`, where any rule of it is `local_only`.

    A client may name another policy, or an upstream directly; it may not name its way out of these rules.
    """
    entrypoint = kit.settings.entrypoints.get(model)
    policy = kit.policies.get(entrypoint.policy if entrypoint else kit.settings.default_policy)
    return policy if policy is not None and any(rule.plan.local_only for rule in policy.rules) else None


def must_stay(policy: Policy, signals: Signals) -> bool:
    """Whether the first rule of `policy` that these signals meet keeps the request here; unknown counts as met."""
    rule, _ = meet(policy, signals)
    return rule.plan.local_only
