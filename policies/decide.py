"""Decides what to do with a request: signals in, a decision with its reasons out."""

from collections.abc import Callable

from msgspec import Struct

from policies.conditions import Condition
from policies.policy import OTHERWISE, Decision, Draw, Plan, Policy, Reason, Rule, Step
from policies.terms import Signals, Value, Values

NO_CERTIFICATE = "no certificate: labels missing"
UNREAD = "`checkable` is not looked at without a keep_cut"
PAUSED = "paused: the baseline answers until `smallfirst resume`"
UNDRAWN = Draw(holdout=1.0, explore=1.0, pick=0.0, canary=0.0)
"""Neither held out nor explored, and inside every canary: for a policy that is `steady`, which asks for no draw."""
Allowed = Callable[[Plan], bool]


class Action(Struct, frozen=True):
    """What is done with the plan of the rule that was met. `note` says why the plan was changed, "" if it was not."""

    plan: Plan
    allowed_plans: tuple[Plan, ...]
    note: str = ""
    propensity: float = 1.0
    explored: bool = False
    holdout: bool = False
    shadow_plan: Plan | None = None


def decide(
    policy: Policy, signals: Signals, draw: Draw, baseline: str, allowed: Allowed = lambda plan: True
) -> Decision:
    """Return what *policy* does with a request of these *signals*. Pure, and never raises.

    The first rule that holds gives the plan. Then, in this order and never for a
    `local_only` plan: a conversation inside the hold-out, a paused or observing policy,
    a conversation outside the canary, or a promise without a cut are answered by
    *baseline*, with the plan kept as `shadow_plan`; else, for the explored share, the
    plan is drawn uniformly from the policy's plans that *allowed* (the hard
    constraints: window, tools, health) lets through.

    Unknown signals are missing or None; `cut` and `keep_cut` set by hand stand in where
    the signals hold none. Where the signal `local_only` is true (a key or a header asked
    for it) the plan keeps its local steps only; a plan left without steps means that no
    local upstream may answer.
    """
    known = _with_cuts(policy, signals)
    rule, reasons = meet(policy, known)
    own = rule.plan
    if policy.steady and not own.local_only and known.get("local_only") is not True:
        action = Action(own, (own,))  # the common case
    else:
        action = (
            _local_action(policy, own, known, allowed)
            or _to_baseline(policy, own, known, draw, baseline)
            or _explore(policy, own, draw, allowed)
        )
    if action.note:
        reasons = (*reasons, Reason(rule.name, "overruled", action.note))
    about = f"p_good.{rule.subject}"
    return Decision(
        policy=policy.name,
        digest=policy.digest,
        rule=rule.name,
        plan=action.plan,
        reasons=reasons,
        subject=rule.subject,
        mode=policy.mode.name,
        explored=action.explored,
        allowed_plans=action.allowed_plans,
        propensity=action.propensity,
        holdout=action.holdout,
        strictness=_number(known.get("strictness")),
        shadow_plan=action.shadow_plan,
        p_good=_number(known.get(about if about in known else "p_good")),
        cut=_number(known.get("cut")),
        keep_cut=_number(known.get("keep_cut")),
    )


def meet(policy: Policy, signals: Signals) -> tuple[Rule, tuple[Reason, ...]]:
    """Return the first rule that holds, and the reasons up to and including it.

    A rule whose condition is unknown is skipped, unless it is `local_only`: what may be
    private is treated as private.
    """
    reasons: list[Reason] = []
    for rule in policy.rules:
        condition = rule.when
        if condition is None:
            return rule, (*reasons, Reason(rule.name, "matched", "always holds"))
        values = condition.values(signals)
        truth = condition.holds(values)
        if truth:
            return rule, (*reasons, Reason(rule.name, "matched", "", condition, values, truth))
        if truth is None and rule.plan.local_only:
            note = "unknown counts as met where a rule is local_only"
            return rule, (*reasons, Reason(rule.name, "matched", note, condition, values, truth))
        if truth is None:
            reasons.append(Reason(rule.name, "unknown", _missing(policy, condition, values), condition, values, truth))
        else:
            reasons.append(Reason(rule.name, "skipped", "", condition, values, truth))
    return policy.otherwise, (*reasons, Reason(OTHERWISE, "matched", "no rule was met"))


def _with_cuts(policy: Policy, signals: Signals) -> Signals:
    """Return the signals with the cuts set by hand, unless they hold a certificate's."""
    if policy.cut is None and policy.keep_cut is None:
        return signals
    known = dict(signals)
    if known.get("cut") is None:
        known["cut"] = policy.cut
    if known.get("keep_cut") is None:
        known["keep_cut"] = policy.keep_cut
    return known


def _missing(policy: Policy, condition: Condition, values: Values) -> str:
    """Return why *condition* is unknown, where there is more to say than what is unknown; else ""."""
    unknown = {read.name for read, value in zip(condition.reads, values, strict=True) if value is None}
    notes = [NO_CERTIFICATE] if policy.promise and unknown & {"cut", "keep_cut"} else []
    if {"keep_cut", "checkable"} <= unknown:
        notes.append(UNREAD)
    return "; ".join(notes)


def _local_action(policy: Policy, own: Plan, signals: Signals, allowed: Allowed) -> Action | None:
    """Return the action for a `local_only` exchange, None if the exchange is not.

    If only the key or a header asks for it, these are the local steps of the *own* plan,
    else those of the policy's first plan that has any.
    """
    if own.local_only:
        return Action(own, (own,))
    if signals.get("local_only") is not True:
        return None
    for plan in (own, *policy.candidates, *(rule.plan for rule in policy.rules if rule.plan.local_only)):
        steps = tuple(step for step in plan.steps if policy.at_home.issuperset(step.members))
        local = Plan(steps, local_only=True)
        if steps and allowed(local):
            return Action(local, (local,), f"local_only was asked for: only {local} may answer")
    no_steps = Plan((), local_only=True)
    return Action(no_steps, (no_steps,), "local_only was asked for: no local upstream may answer")


def _to_baseline(policy: Policy, own: Plan, signals: Signals, draw: Draw, baseline: str) -> Action | None:
    """Return the action by which *baseline* answers in place of the *own* plan, None if the plan stands."""
    note = _baseline_because(policy, signals, draw)
    if not note:
        return None
    plan = Plan((Step(baseline),))
    held_out = draw.holdout < policy.holdout
    return Action(plan, (plan,), note, holdout=held_out, shadow_plan=None if own == plan else own)


def _baseline_because(policy: Policy, signals: Signals, draw: Draw) -> str:
    """Return why the baseline answers in place of the plan, "" if the plan stands."""
    mode = policy.mode
    if draw.holdout < policy.holdout:
        return f"held out: {policy.holdout:.3g} of conversations go to the baseline permanently"
    if mode.name == "paused":
        return PAUSED
    if mode.name == "observe":
        return "observe: the baseline answers, the plan is only recorded"
    if mode.name == "canary" and draw.canary >= mode.share:
        return f"outside the canary: {mode.share:.3g} of conversations act"
    if policy.promise and signals.get("cut") is None:
        return f"{NO_CERTIFICATE}; the baseline answers until there is one, or a `cut:` by hand"
    return ""


def _explore(policy: Policy, own: Plan, draw: Draw, allowed: Allowed) -> Action:
    """Return the *own* plan, or for the explored share a plan drawn at random, with the propensity.

    Candidates are the *own* plan and the policy's distinct plans that *allowed* lets
    through. With k of them and exploration e, a plan is taken with probability
    (1 - e) · [it is the policy's own] + e / k.
    """
    if not policy.explore:
        return Action(own, (own,))
    plans = tuple([plan for plan in policy.candidates if allowed(plan) or plan == own])
    chance = policy.explore / len(plans)
    if draw.explore >= policy.explore:
        return Action(own, plans, propensity=1 - policy.explore + chance)
    taken = plans[int(draw.pick * len(plans))]
    propensity = chance + (1 - policy.explore if taken == own else 0.0)
    return Action(taken, plans, f"explored: drawn from {len(plans)} allowed plans", propensity, explored=True)


def _number(value: Value | None) -> float | None:
    if value is None or (type(value) is float and value == value):  # the common case
        return value
    if isinstance(value, (bool, str)) or value != value:
        return None
    return float(value)
