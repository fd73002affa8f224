"""Finds the upstream that counts the tokens of a Messages request: the one that would answer it, if it can."""

from dataclasses import dataclass

from router.core.dialects.catalogue import request_in
from router.core.dialects.way import way_of
from router.core.errors import RouterError
from router.core.exchange import Exchange
from router.core.ports import PassesThrough
from router.core.splice import splice
from router.pipeline.deciding import choose_plan
from router.pipeline.dependencies import Dependencies
from router.pipeline.options import RequestOptions

DIALECT = "messages"


@dataclass(frozen=True, slots=True)
class Countable:
    """The first upstream of the plan, the body to send to it, and the exchange that holds the decision."""

    upstream: str
    body: bytes
    exchange: Exchange


def countable(deps: Dependencies, exchange: Exchange, raw: bytes, options: RequestOptions) -> Countable | None:
    """The upstream to ask for a count of the Messages body `raw`; None if the router must count itself.

    It must if the plan begins with an upstream that does not speak Messages, or if no plan can be made. Nothing is sent
    or written here.
    """
    try:
        request = request_in(DIALECT, splice(raw, {"max_tokens": b"1"}), {})
        name = choose_plan(deps, exchange, request, options).steps[0].members[0]
    except RouterError:
        return None
    upstream = deps.upstreams[name]
    if DIALECT not in upstream.spec.speaks or not isinstance(upstream, PassesThrough):
        return None
    way = way_of(request, upstream.spec.speaks, gather=False, shown=None)
    body, _ = way.as_it_came(upstream.spec.model, foreign=exchange.answerer not in ("", name))
    return Countable(name, splice(body, {"max_tokens": None}), exchange)
