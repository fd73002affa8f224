"""Who answers when another fails, under which names, and how long one is passed over: LiteLLM's settings of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from router.config.document import Node
from router.config.migration.part import Part

ANY = "*"


@dataclass(frozen=True, slots=True)
class Routing:
    """By group: `fallbacks` after any failure, `overflows` where a prompt is too long; `aliases` name to group.

    `timeout`, `breaker`: keys of ours with their figures, for every upstream. `lines`: where a name was written.
    """

    fallbacks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    overflows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    default: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    timeout: Mapping[str, Decimal] = field(default_factory=dict)
    breaker: Mapping[str, Decimal] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    def after(self, group: str) -> tuple[str, ...]:
        """The groups asked when *group* fails: its own, those for any group, else the default ones."""
        return self.fallbacks.get(group) or self.fallbacks.get(ANY) or self.default


def read_routing(litellm: Part, router: Part) -> Routing:
    """Return what both sections say; the router's word goes before the library's."""
    return _Reading(litellm, router).routing()


class _Reading:
    def __init__(self, litellm: Part, router: Part) -> None:
        self.litellm = litellm
        self.router = router
        self.lines: dict[str, int] = {}

    def routing(self) -> Routing:
        """Read both sections."""
        return Routing(
            fallbacks=self._chains("fallbacks"),
            overflows=self._chains("context_window_fallbacks"),
            default=self._default(),
            aliases=self._aliases(),
            timeout=self._timeout(),
            breaker=self._breaker(),
            lines=self.lines,
        )

    def _chains(self, key: str) -> dict[str, tuple[str, ...]]:
        """LiteLLM writes them as a list of mappings, each with the names that follow one name."""
        chains: dict[str, tuple[str, ...]] = {}
        for part in (self.litellm, self.router):
            node = part.take(key)
            for item in node.items if node else ():
                chains |= {group: self._named(followers) for group, followers in item.pairs.items()}
            if node is not None and node.form != "list":
                part.note(key, "must be a list of `- name: [others]`", "write the plan into policies/ by hand")
        return chains

    def _named(self, node: Node) -> tuple[str, ...]:
        """The names in a list; an entry may be a mapping with a model and other messages, of which the model counts."""
        names = []
        for item in node.items or (node,):
            model = item.pairs.get("model") if item.form == "mapping" else item
            if model is not None and model.scalar and not model.empty:
                names.append(model.text)
                self.lines.setdefault(model.text, model.line)
        return tuple(names)

    def _default(self) -> tuple[str, ...]:
        nodes = [part.take("default_fallbacks") for part in (self.router, self.litellm)]
        return next((self._named(node) for node in nodes if node is not None), ())

    def _aliases(self) -> dict[str, str]:
        pairs = self.router.part("model_group_alias").pairs
        return {alias: names[0] for alias, node in pairs.items() if (names := self._named(node))}

    def _timeout(self) -> dict[str, Decimal]:
        # Both timeouts are for a whole call; the stream's is for its first part.
        total = self.router.number("timeout") or self.litellm.number("request_timeout")
        first = self.router.number("stream_timeout")
        return {key: value for key, value in (("total_s", total), ("first_token_s", first)) if value}

    def _breaker(self) -> dict[str, Decimal]:
        fails = self.router.number("allowed_fails")
        fails = self.litellm.number("allowed_fails") if fails is None else fails
        cools = self.router.number("cooldown_time") or self.litellm.number("cooldown_time")
        if self.router.truth("disable_cooldowns"):
            return {"failures": Decimal(0)}
        breaker = {} if fails is None else {"failures": fails + 1}
        return breaker | ({"open_s": cools} if cools else {})
