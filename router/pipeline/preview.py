"""Where a request would go and why, as plain data: what `/v1/route` and `explain TEXT` show."""

from collections.abc import Mapping
from typing import Any

from router.core.dialects.chat import ChatRequest
from router.core.exchange import Exchange
from router.core.prices import Usage
from router.core.tokens import prompt_tokens
from router.pipeline.deciding import choose_plan
from router.pipeline.dependencies import Dependencies
from router.pipeline.options import RequestOptions

ASSUMED_OUTPUT = 256


def preview(deps: Dependencies, exchange: Exchange, request: ChatRequest, options: RequestOptions) -> dict[str, Any]:
    """The decision for `request`, with the price of asking each upstream; sends nothing.

    Prices assume `ASSUMED_OUTPUT` output tokens, or the client's own limit if that is lower.

    Raises what `choose_plan` raises.
    """
    plan = choose_plan(deps, exchange, request, options)
    return {
        "policy": exchange.policy or None,
        "policy_digest": exchange.policy_digest[:6] or None,
        "rule": exchange.rule,
        "plan": list(exchange.plan),
        "first": plan.steps[0].upstream,
        "mode": exchange.mode,
        "local_only": exchange.local_only,
        "paused": exchange.paused,
        "holdout": exchange.holdout,
        "explored": exchange.explored,
        "propensity": exchange.propensity,
        "p_good": exchange.p_good,
        "cut": exchange.cut,
        "baseline": exchange.baseline,
        "reasons": list(exchange.reasons),
        "signals": dict(exchange.signals),
        "prices": prices(deps, request),
    }


def prices(deps: Dependencies, request: ChatRequest) -> Mapping[str, Mapping[str, Any]]:
    """What each upstream would charge for this request: dollars as text, None if the price is unknown."""
    limit = request.max_tokens if request.max_tokens is not None else ASSUMED_OUTPUT
    usage = Usage(input=prompt_tokens(request.body), output=min(limit, ASSUMED_OUTPUT), source="estimate")
    priced = {}
    for name, upstream in deps.upstreams.items():
        cost = upstream.spec.price.cost(usage)
        priced[name] = {"state": str(upstream.spec.price.state), "usd": None if cost is None else str(cost)}
    return priced
