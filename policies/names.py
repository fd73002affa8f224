"""The names a policy may use: signals, upstreams and their facts, judges."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from policies.problems import Mistake, nearest

Stream = Literal["hold", "prefix", "race"]
Ask = Literal["in_order", "at_once"]


@dataclass(frozen=True, slots=True)
class Names:
    """Every name that exists outside the policy, given by the caller of `load_policy`.

    `upstreams` maps a name to whether it is local.
    """

    signals: Collection[str]
    upstreams: Mapping[str, bool]
    judges: Collection[str]
    facts: Collection[str]


def keys_of(name: str, names: Names, subject: str | None) -> tuple[str, ...] | Mistake:
    """Return the keys under which the signal *name* is looked up, in this order.

    `p_good` alone is about *subject*, the first local upstream of the rule's plan;
    `upstream.fact` and `p_good.upstream` are dotted. An upstream whose name is no
    identifier is written with underscores (`tiny-a` as `tiny_a`).
    """
    if name == "p_good" and name in names.signals and subject:
        return (f"p_good.{subject}", name)
    if name in names.signals or name in ("cut", "keep_cut"):
        return (name,)
    head, dot, tail = name.partition(".")
    if not dot:
        return _no_signal(name, names)
    spelt = {_identifier(upstream): upstream for upstream in names.upstreams}
    if head == "tag" and tail:
        return (name,)
    if head == "p_good":
        return (f"p_good.{spelt[tail]}",) if tail in spelt else _no_upstream(tail, spelt)
    if head not in spelt:
        return _no_upstream(head, spelt)
    if tail not in names.facts:
        facts = "the facts are listed in docs/signals.md"
        return Mistake(f"upstream '{head}' has no fact '{tail}'", nearest(tail, names.facts, facts))
    return (f"{spelt[head]}.{tail}",)


def _identifier(upstream: str) -> str:
    return re.sub(r"\W", "_", upstream)


def _no_signal(name: str, names: Names) -> Mistake:
    known = {*names.signals, "cut", "keep_cut"}
    remedy = nearest(name, known, "the signals are listed in docs/signals.md")
    return Mistake(f"no signal is called '{name}'", remedy)


def _no_upstream(name: str, spelt: Collection[str]) -> Mistake:
    remedy = nearest(name, spelt, "add it under `upstreams:` in config.yaml")
    return Mistake(f"no upstream is called '{name}'", remedy)
