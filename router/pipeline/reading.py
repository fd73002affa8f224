"""The signals that are read off a request's words, as far as a policy's rules use them."""

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

    Telling whether answers can be compared takes as long as the rest of a decision. A policy that lets a panel act
    only with a `keep_cut` need not know while there is none: neither its own, set by hand, nor the one it resolves
    to (`keep_cut` here). There `checkable` stays unknown.
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
