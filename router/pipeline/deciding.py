"""Chooses the plan of a request: from features to signals to a decision. Nothing is sent here."""

import dataclasses
from collections.abc import Mapping

from msgspec.structs import replace

from classifier.conversation import conversation_of
from classifier.features import feature_set, packed
from classifier.task import Elements, elements, hashed, salted
from policies.decide import UNDRAWN, decide
from policies.policy import Decision, Mode, Plan, Policy
from router.core.capabilities import demands, has_room, lacking
from router.core.dialects.chat import ChatRequest
from router.core.exchange import Exchange
from router.core.privacy.detect import detect
from router.core.session import draw, session_of
from router.core.signals import Facts, SignalValue, gather, hides_a_picture
from router.core.tokens import prompt_tokens
from router.pipeline.able import fits, keep_able
from router.pipeline.dependencies import Dependencies
from router.pipeline.naming import resolve, unrouted
from router.pipeline.options import RequestOptions
from router.pipeline.reading import read_off
from router.pipeline.resorting import with_resorts
from router.pipeline.seating import seated
from router.pipeline.sessions import Turn, answerer, cache_loss, cheaper_to_stay, continues, pinned
from router.pipeline.staying import (
    allowed,
    governing_policy,
    keep_within,
    loading_at_home,
    must_stay,
    no_local_upstream,
)


def choose_plan(deps: Dependencies, exchange: Exchange, request: ChatRequest, options: RequestOptions) -> Plan:
    """Return the plan to carry out for `request`, and write the decision into `exchange`.

    Raises UnknownModel for an unknown name, Forbidden or NotReady if `local_only` or `egress` leaves no upstream,
    BadRequest if no upstream can do what the request demands.
    """
    exchange.entrypoint = request.model
    exchange.session = session_of(request.body, options.session, exchange.key, deps.settings.salt)
    exchange.tags = options.tags
    exchange.config_digest = deps.settings.config_digest
    turn = _last_turn(deps, exchange) if continues(request.body) else None
    target = resolve(deps, request.model, options)
    seen_by = allowed(deps, options.tags) if deps.settings.egress else None
    if seen_by is not None and all(map(deps.stays, seen_by)):
        options = replace(options, local_only=True)
    governing = governing_policy(deps, request.model) if deps.keeping and not options.bound else None
    if isinstance(target, str):
        if governing is not None:
            signals = _signals(deps, exchange, request, options, governing)
            options = replace(options, local_only=options.local_only or must_stay(governing, signals))
        return keep_within(unrouted(deps, exchange, target, options), seen_by)
    policy = deps.policies[target.policy]
    exchange.baseline = target.baseline
    exchange.paused = deps.paused(exchange.key)
    if exchange.paused:
        policy = dataclasses.replace(policy, mode=Mode("paused"))
    signals = _signals(deps, exchange, request, options, policy, governing)
    if turn is not None:
        signals["cached_tokens"], signals["cache_loss_usd"] = _cache(deps, turn, exchange.started_at)
    if governing is not None and governing.name != policy.name and must_stay(governing, signals):
        signals["local_only"] = True
    _resolve_cuts(deps, policy, signals)
    exchange.signals = signals
    demanded, lacks = demands(request.body, signals), deps.traits.lacks
    decision = _decided(deps, exchange, policy, target.baseline, demanded)
    _record(exchange, policy, decision)
    if not decision.plan.steps:
        raise no_local_upstream(deps, policy, signals, demanded)
    plan = decision.plan if turn is None else _pinned(deps, exchange, policy, decision, turn)
    plan = plan if seen_by is None else keep_within(plan, seen_by)
    plan = keep_able(exchange, plan, demanded, lacks, decision.shadow_plan)
    if deps.shared:
        plan = seated(deps, exchange, plan)
    if policy.degrade or policy.spill is not None:
        plan = with_resorts(deps, policy, decision, plan, lambda name: _able(deps, name, signals, demanded, seen_by))
    return plan


def _decided(
    deps: Dependencies, exchange: Exchange, policy: Policy, baseline: str, demanded: tuple[str, ...]
) -> Decision:
    """What the policy decides; if only a model that is loading may answer, that it is waited for."""
    signals, lacks = exchange.signals, deps.traits.lacks
    drawn = UNDRAWN if policy.steady else draw(exchange.session, deps.settings.salt)
    decision = decide(policy, signals, drawn, baseline, lambda plan: fits(plan, signals, demanded, lacks))
    if decision.plan.steps:
        return decision
    return replace(decision, plan=loading_at_home(deps, policy, signals, demanded))


def _last_turn(deps: Dependencies, exchange: Exchange) -> Turn | None:
    turn = deps.sessions.last(exchange.session, exchange.started_at, deps.settings.session_us)
    exchange.answerer = answerer(turn)
    return turn


def _able(
    deps: Dependencies,
    name: str,
    signals: Mapping[str, SignalValue],
    demanded: tuple[str, ...],
    seen_by: frozenset[str] | None,
) -> bool:
    """Whether `name` may follow a plan as a last resort: it can do what the request demands, and may see it."""
    if signals["in_tool_loop"] or (seen_by is not None and name not in seen_by):
        return False
    return has_room(name, signals) and not lacking(demanded, deps.traits.lacks(name))


def _resolve_cuts(deps: Dependencies, policy: Policy, signals: dict[str, SignalValue]) -> None:
    """Fill in `cut` and `keep_cut` if the policy's author set none."""
    if policy.cut is None and policy.name in deps.cuts:
        signals["cut"] = deps.cuts[policy.name]
    if policy.keep_cut is None and policy.name in deps.keep_cuts:
        signals["keep_cut"] = deps.keep_cuts[policy.name]
        signals["strictness"] = deps.strictness.get(policy.name)


def _measure(deps: Dependencies, exchange: Exchange, request: ChatRequest) -> Mapping[str, float | None]:
    """`p_good` by local upstream. Features and task are recorded even if no classifier is loaded, to learn from."""
    talk = conversation_of(request.body)
    exchange.features, parts = packed(request.body, talk), elements(request.body, talk)
    exchange.feature_set = feature_set()
    exchange.task = salted(parts, deps.settings.salt)
    return _p_good(deps, exchange, parts)


def _p_good(deps: Dependencies, exchange: Exchange, parts: Elements) -> Mapping[str, float | None]:
    """`p_good` of every local upstream: one look at the request, to which each adds its task and model offsets."""
    if deps.classifier is None:
        return {}
    exchange.artifact_digest = deps.classifier.digest
    scorer = deps.classifier.scorer
    seen = scorer.see(exchange.features, hashed(parts, deps.classifier.salt))
    found: dict[str, float | None] = {}
    for name in deps.locals:
        place = scorer.place(seen, deps.digests[name])
        found[name] = scorer.calibration.p_good(place.total + seen.rest, deps.digests[name])
        exchange.places[name] = (("global", place.base), *place.steps, ("model", place.offset))
    return found


def _signals(
    deps: Dependencies, exchange: Exchange, request: ChatRequest, options: RequestOptions, *policies: Policy | None
) -> dict[str, SignalValue]:
    """The signals that `policies` may read. Those that take long are computed only if one of them reads them."""
    chances: Mapping[str, float | None] = {} if exchange.paused else _measure(deps, exchange, request)
    detecting = False
    read: dict[str, SignalValue] = {}
    for policy in policies:
        if policy is not None:
            detecting = detecting or policy.name in deps.detecting
            if names := deps.reading.get(policy.name):
                read |= read_off(request.body, policy, names, deps.keep_cuts.get(policy.name))
    found = options.found
    if detecting and found is None:
        found = detect(request.original.request.body if request.original else request.body)
    facts = Facts(
        body=request.body,
        prompt_tokens=prompt_tokens(request.body),
        max_tokens=request.max_tokens,
        stream=request.stream,
        entrypoint=request.model,
        key=exchange.key,
        tags=options.tags,
        p_good=chances,
        first=deps.locals[0] if deps.locals else None,
        found=found,
        local_models=len(deps.locals),
        read=read,
    )
    signals = gather(facts, deps.facts)
    signals["local_only"] = options.local_only
    if not signals["images"] and hides_a_picture(request.original.request.raw if request.original else request.raw):
        signals["images"] = 1
    return signals


def _cache(deps: Dependencies, turn: Turn | None, now_us: int) -> tuple[int, float | None]:
    if turn is None or not turn.cached or turn.upstream not in deps.upstreams:
        return 0, 0.0
    price = deps.upstreams[turn.upstream].spec.price
    cached, loss = cache_loss(turn, price, now_us - turn.at, deps.settings.cache_us)
    return cached, None if loss is None else float(loss)


def _record(exchange: Exchange, policy: Policy, decision: Decision) -> None:
    exchange.policy = policy.name
    exchange.policy_digest = decision.digest
    exchange.rule = decision.rule
    exchange.plan = decision.plan.said
    exchange.mode = decision.mode
    exchange.explored = decision.explored
    exchange.allowed_plans = len(decision.allowed_plans)
    exchange.propensity = decision.propensity
    exchange.holdout = decision.holdout
    exchange.strictness = decision.strictness
    exchange.local_only = decision.plan.local_only
    exchange.p_good = decision.p_good
    exchange.subject = subject_of(decision, exchange.places)
    exchange.task_terms = exchange.places.get(exchange.subject, ())
    exchange.cut = decision.cut
    exchange.keep_cut = decision.keep_cut
    exchange.reasons = tuple([{"rule": r.rule, "outcome": r.outcome, "why": r.why} for r in decision.reasons])
    if decision.shadow_plan is not None:
        exchange.note("shadow", f"would have asked {decision.shadow_plan}")


def _pinned(deps: Dependencies, exchange: Exchange, policy: Policy, decision: Decision, turn: Turn) -> Plan:
    """The plan, changed if need be so that the conversation stays with the upstream that answered it last."""
    plan = decision.plan
    if turn.upstream not in deps.upstreams or decision.shadow_plan is not None:
        return plan
    if exchange.paused and not plan.local_only:
        return plan
    kept: Plan | None = None
    if policy.session == "upgrade_only":
        looping = bool(exchange.signals["in_tool_loop"])
        kept = pinned(plan, turn.upstream, in_tool_loop=looping, local=deps.stays(turn.upstream))
        why = f"the conversation was answered by {turn.upstream!r} before and stays there"
    elif exchange.signals["cached_tokens"]:
        prices = {name: upstream.spec.price for name, upstream in deps.upstreams.items()}
        tokens = int(exchange.signals["prompt_tokens"]), int(exchange.signals["cached_tokens"])
        kept = cheaper_to_stay(plan, turn.upstream, tokens, prices)
        why = f"its prompt cache makes {turn.upstream!r} cheaper than starting elsewhere"
    if kept is not None:
        exchange.pinned = True
        exchange.plan = kept.said
        exchange.note("pinned", why)
    _price_the_cache(exchange, (kept or plan).steps[0].upstream, turn.upstream)
    return kept or plan


def _price_the_cache(exchange: Exchange, first: str, last: str) -> None:
    """Note what the provider's prompt cache is worth to this turn, whether it is kept or lost."""
    cached, loss = exchange.signals["cached_tokens"], exchange.signals["cache_loss_usd"]
    if not cached:
        return
    worth = "at an unknown price" if loss is None else f"worth {loss:.6f} USD a turn"
    verb = "keeps" if first == last else "leaves"
    exchange.note("cache", f"{verb} the prompt cache of {last!r}: {cached} tokens, {worth}")


def subject_of(decision: Decision, known: Mapping[str, object]) -> str:
    """The upstream that `p_good` is about: the first local one in the rule's plan, else in the config."""
    subject = decision.subject
    return subject if subject is not None and subject in known else next(iter(known), "")
