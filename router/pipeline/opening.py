"""Checks and journals every call before a byte of it is sent."""

import logging

from msgspec import Struct

from router.core.errors import Forbidden, LedgerUnwritable
from router.core.exchange import Attempt, Exchange, Origin, Reason
from router.core.ids import uuid7
from router.core.prices import Price
from router.pipeline.dependencies import Dependencies
from router.pipeline.staying import allowed, not_local

logger = logging.getLogger("smallfirst")


class Opening(Struct, frozen=True):
    """What is known of a call before it is made. `changes`: what was changed in the client's body, in words."""

    upstream: str
    origin: Origin
    reason: Reason
    price: Price
    step: int = 0
    changes: tuple[str, ...] = ()


def check(deps: Dependencies, exchange: Exchange, name: str) -> None:
    """Raise Forbidden if the exchange may not go to the upstream `name`."""
    if exchange.local_only and not deps.stays(name):
        raise not_local(deps, name)
    seen_by = allowed(deps, exchange.tags) if deps.settings.egress else None
    if seen_by is not None and name not in seen_by:
        message = f"`egress`: {name!r} may not see requests with these tags, so nothing was sent there."
        raise Forbidden(message, code="egress")


def opened(deps: Dependencies, exchange: Exchange, opening: Opening) -> Attempt:
    """Check and journal a call; returns its attempt, which is added to the exchange.

    Raises Forbidden if the exchange may not go there, and LedgerUnwritable if it cannot be journalled and the
    configuration fails closed. Nothing may be sent then.
    """
    check(deps, exchange, opening.upstream)
    spec, reach, now = deps.upstreams[opening.upstream].spec, deps.reach(opening.upstream), deps.clock_us()
    attempt = Attempt(
        id=uuid7(now, deps.random_bytes),
        exchange=exchange.id,
        step=opening.step,
        origin=opening.origin,
        reason=opening.reason,
        upstream=spec.name,
        model=spec.model,
        local=spec.local and reach.egress.stays,
        local_only=exchange.local_only,
        egress=str(reach.egress),
        host=reach.host,
        tags=exchange.tags,
        key=exchange.key,
        policy=exchange.policy,
        rule=exchange.rule,
        started_at=now,
        price=opening.price,
        changes=opening.changes,
    )
    try:
        # The same write records how earlier attempts ended, in case this process dies before the exchange closes.
        deps.store.append(attempt, [other for other in exchange.attempts if other.ended_at is not None])
    except LedgerUnwritable as error:
        if deps.settings.fail_closed:
            raise
        _log_unwritten(exchange, error)
    exchange.attempts.append(attempt)
    return attempt


def ended(deps: Dependencies, exchange: Exchange, attempt: Attempt) -> None:
    """Journal how `attempt` ended at once if others of its exchange are open: the exchange may close much later."""
    if len(exchange.attempts) == 1 or all(other.ended_at is not None for other in exchange.attempts):
        return
    try:
        deps.store.append(attempt)
    except LedgerUnwritable as error:
        _log_unwritten(exchange, error)


def _log_unwritten(exchange: Exchange, error: LedgerUnwritable) -> None:
    logger.error("an attempt could not be journalled: %s", error.message, extra={"exchange": exchange.id})
