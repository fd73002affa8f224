"""Which exchanges are drawn to be tried out in the shadow, should the baseline answer them: known before it does."""

from hashlib import blake2b

from router.core.exchange import Exchange
from router.pipeline.dependencies import Dependencies


def drawn(deps: Dependencies, exchange: Exchange) -> float:
    """A number in [0, 1) from the exchange's id alone, so that every request has the same chance."""
    hashed = blake2b(exchange.id.encode(), key=deps.settings.salt[:64], person=b"shadow", digest_size=8).digest()
    return int.from_bytes(hashed) / 2**64


def free(exchange: Exchange) -> bool:
    """Whether the policy alone chose its upstream.

    False for the hold-out, which is a control; for a pause, which is an emergency; and where a client named the
    upstream, a session pinned it or exploration drew it.
    """
    sent = exchange.holdout or exchange.paused or exchange.named or exchange.pinned or exchange.explored
    return not sent and not exchange.local_only


def listens(deps: Dependencies, exchange: Exchange, upstream: str) -> bool:
    """Whether an answer by `upstream` would be compared with what is tried out in its shadow."""
    if deps.shadow is None or upstream != exchange.baseline or not free(exchange):
        return False
    policy = deps.policies.get(exchange.policy)
    return policy is not None and 0 < policy.shadow.share > drawn(deps, exchange)
