"""What a client means by the name it writes: an entrypoint, which a policy decides about, or an upstream itself."""

from policies.decide import PAUSED
from policies.policy import Plan, Step
from router.core.dialects.embeddings import Embeddings
from router.core.entrypoint import Entrypoint
from router.core.errors import UnknownModel
from router.core.exchange import Exchange
from router.pipeline.dependencies import Dependencies
from router.pipeline.options import RequestOptions
from router.pipeline.staying import not_local

AUTO = "auto"
NAMED = "named"


def resolve(deps: Dependencies, model: str, options: RequestOptions) -> Entrypoint | str:
    """The entrypoint that `model` and the headers mean, or the name of an upstream asked for directly.

    Raises UnknownModel if there is no such upstream, policy or entrypoint.
    """
    settings = deps.settings
    if options.upstream is not None:
        if options.upstream not in deps.upstreams:
            raise UnknownModel(f"No upstream is called {options.upstream!r}. {_known(deps)}", param="x-router-upstream")
        return options.upstream
    entrypoint = settings.entrypoints.get(model)
    if entrypoint is None and (model == AUTO or model.startswith(f"{AUTO}/")):
        entrypoint = Entrypoint(model.partition("/")[2] or settings.default_policy, settings.baseline)
    if entrypoint is None and model in deps.upstreams:
        if options.policy is None:
            return model
        entrypoint = Entrypoint(options.policy, settings.baseline)  # a key's own policy always decides
    if entrypoint is None:
        remedy = "To let clients keep a name of their own, add it under `entrypoints:` in config.yaml."
        raise UnknownModel(f"The model {model!r} does not exist here. {_known(deps)} {remedy}", param="model")
    if options.policy:
        entrypoint = Entrypoint(options.policy, entrypoint.baseline)
    if entrypoint.policy not in deps.policies:
        known = ", ".join(f"auto/{name}" for name in deps.policies)
        param = "x-router-policy" if options.policy and not options.bound else "model"
        raise UnknownModel(f"No policy is called {entrypoint.policy!r}. Ask for one of: {known}.", param=param)
    return entrypoint


def _known(deps: Dependencies) -> str:
    names = [AUTO, *deps.settings.entrypoints, *deps.upstreams]
    return f"Known names: {', '.join(names)}, and auto/POLICY."


def unrouted(deps: Dependencies, exchange: Exchange, name: str, options: RequestOptions) -> Plan:
    """The plan for an upstream that the client names: no rule, no judges, and no certificate covers it.

    While the exchange is paused the configured baseline takes its place, unless the request must stay local. Embeddings
    are never paused, as another model's vectors would not be comparable.
    """
    if options.local_only and not deps.stays(name):
        raise not_local(deps, name)
    exchange.paused = exchange.dialect != Embeddings.name and deps.paused(exchange.key)
    reasons = [{"rule": NAMED, "outcome": "matched", "why": f"the client asked for {name!r} by name"}]
    if exchange.paused:
        exchange.mode = "paused"
        if not options.local_only and name != deps.settings.baseline:
            name = deps.settings.baseline
            reasons.append({"rule": NAMED, "outcome": "overruled", "why": PAUSED})
    exchange.named = True
    exchange.baseline = name
    exchange.rule = NAMED
    exchange.local_only = options.local_only
    plan = Plan((Step(name),), local_only=options.local_only)
    exchange.plan = plan.said
    exchange.reasons = tuple(reasons)
    return plan
