"""The one door out: every call for a client passes here before a byte leaves. May it go there, and is it on disk?"""

import logging

from msgspec import Struct

from router.core.errors import Forbidden, LedgerUnwritable
from router.core.exchange import Attempt, Exchange, Origin, Reason
from router.core.ids import uuid7
from router.core.prices import Price
from router.pipeline.kit import Kit
from router.pipeline.staying import allowed, not_here

logger = logging.getLogger("smallfirst")


class Opening(Struct, frozen=True):
    """A call that is about to be made: to whom, as what, at which price, and what was changed in its body."""

    upstream: str
    origin: Origin
    reason: Reason
    price: Price
    step: int = 0
    changes: tuple[str, ...] = ()


def check(kit: Kit, exchange: Exchange, name: str) -> None:
    """Nothing where the exchange may go to the upstream `name`. Raises Forbidden or NotReady; then nothing is sent."""
    if exchange.local_only and not kit.stays(name):
        raise not_here(kit, name)
    seen_by = allowed(kit, exchange.tags) if kit.settings.egress else None
    if seen_by is not None and name not in seen_by:
        message = f"`egress`: {name!r} may not see what these tags stand for, so nothing was sent there."
        raise Forbidden(message, code="egress")


def opened(kit: Kit, exchange: Exchange, opening: Opening) -> Attempt:
    """The attempt, checked, journalled and noted in the exchange.

    Raises Forbidden or NotReady where it may not go there, and LedgerUnwritable where the ledger takes no
    record and the configuration fails closed; then nothing is sent.
    """
    check(kit, exchange, opening.upstream)
    spec, reach, now = kit.upstreams[opening.upstream].spec, kit.reach(opening.upstream), kit.clock_us()
    attempt = Attempt(
        id=uuid7(now, kit.random_bytes),
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
        kit.store.append(attempt)
    except LedgerUnwritable as error:
        if kit.settings.fail_closed:
            raise
        logger.error("an attempt could not be journalled: %s", error.message, extra={"exchange": exchange.id})
    exchange.attempts.append(attempt)
    return attempt
