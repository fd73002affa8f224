"""Computes the signals that depend on a request's words, as far as a policy reads them."""

from collections.abc import Mapping
from typing import Any

from classifier.topic import topic_of
from classifier.values import checkable
from policies.policy import Policy
from router.core.signals import SignalValue

KEEP_CUT = "keep_cut"
TOPIC = frozenset({"code", "language", "domain"})


def read_off(
    body: Mapping[str, Any], policy: Policy, names: frozenset[str], keep_cut: float | None = None
) -> dict[str, SignalValue]:
    """The signals called `names`, of `router.core.signals.READ`, for this chat body.

    `checkable` takes as long to compute as the rest of a decision. It is left unknown if the policy reads `keep_cut`
    and there is none, neither the policy's own nor the resolved one (`keep_cut` here): its panels cannot act then.
    """
    found: dict[str, SignalValue] = {}
    cutless = policy.keep_cut is None and keep_cut is None and KEEP_CUT in policy.signals
    if "checkable" in names and not cutless:
        found["checkable"] = checkable(body)
    if names & TOPIC:
        topic = topic_of(body)
        topics: dict[str, SignalValue] = {"code": topic.code, "language": topic.language, "domain": topic.domain}
        found |= {name: topics[name] for name in names & TOPIC}
    return found
