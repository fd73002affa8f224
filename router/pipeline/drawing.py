"""Draws the exchanges to try out in the shadow. It is known before the answer comes whether one is drawn."""

from hashlib import blake2b

from router.core.exchange import Exchange
from router.pipeline.dependencies import Dependencies


def drawn(deps: Dependencies, exchange: Exchange) -> float:
    """A number in [0, 1) that depends on the exchange's id alone, so that every request has the same chance."""
    hashed = blake2b(exchange.id.encode(), key=deps.settings.salt[:64], person=b"shadow", digest_size=8).digest()
    return int.from_bytes(hashed) / 2**64


def policy_chose(exchange: Exchange) -> bool:
    """Whether the policy alone chose the upstream, and was free to choose one that is not local.

    It did not in the hold-out or during a pause, nor if the client named the upstream, a session pinned it or
    exploration drew it.
    """
    sent = exchange.holdout or exchange.paused or exchange.named or exchange.pinned or exchange.explored
    return not sent and not exchange.local_only


def may_be_compared(deps: Dependencies, exchange: Exchange, upstream: str) -> bool:
    """Whether an answer of `upstream` may be compared with others in the shadow, so that it must be kept."""
    if deps.shadow is None or upstream != exchange.baseline or not policy_chose(exchange):
        return False
    policy = deps.policies.get(exchange.policy)
    return policy is not None and 0 < policy.shadow.share > drawn(deps, exchange)
