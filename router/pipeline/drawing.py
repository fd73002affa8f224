"""Which exchanges are drawn to be tried out in the shadow, should the baseline answer them: known before it does."""

from hashlib import blake2b

from router.core.exchange import Exchange
from router.pipeline.dependencies import Dependencies


def drawn(deps: Dependencies, exchange: Exchange) -> float:
    """A number in [0, 1) of the exchange alone: whatever it asks, it is drawn with the same chance."""
    hashed = blake2b(exchange.id.encode(), key=deps.settings.salt[:64], person=b"shadow", digest_size=8).digest()
    return int.from_bytes(hashed) / 2**64


def free(exchange: Exchange) -> bool:
    """Whether it went where its policy chose, for want of knowing better.

    Who was sent there for another reason is left alone: the hold-out is a control, a pause an emergency, and what a
    client named, a session pinned or a draw explored is not what the policy chose.
    """
    sent = exchange.holdout or exchange.paused or exchange.named or exchange.pinned or exchange.explored
    return not sent and not exchange.local_only


def listens(deps: Dependencies, exchange: Exchange, upstream: str) -> bool:
    """Whether an answer by `upstream` would be compared with what is tried out in its shadow."""
    if deps.shadow is None or upstream != exchange.baseline or not free(exchange):
        return False
    policy = deps.policies.get(exchange.policy)
    return policy is not None and 0 < policy.shadow.share > drawn(deps, exchange)
