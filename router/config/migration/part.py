"""One mapping of LiteLLM's file: what is taken over from it, and what is left for a person to do."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from router.config.document import FALSE, TRUE, Node
from router.core.errors import Problem

NOTHING: Mapping[str, Node] = MappingProxyType({})
MERGE = "<<"
UNKNOWN = "there is nothing like it here", "see docs/configuration.md and docs/policies.md for what there is"


@dataclass(slots=True)
class Leftovers:
    """What could not be taken over from `file`, each with its line and what to do about it."""

    file: str
    notes: list[Problem] = field(default_factory=list)

    def note(self, line: int, path: str, message: str, remedy: str) -> None:
        """Add one."""
        self.notes.append(Problem(self.file, line, path, message, remedy))


class Part:
    """A mapping of the file by its path. What nobody takes is told by `leave`, so that nothing is lost in silence."""

    def __init__(self, node: Node | None, path: str, left: Leftovers) -> None:
        self.path = path
        self.left = left
        self.line = node.line if node else 1
        self.pairs = merged(node)
        self._taken: set[str] = set()
        if node is not None and node.form != "mapping" and not node.empty:
            self.left.note(node.line, path, "must be a mapping", "write `key: value` lines under it and run this again")

    def take(self, key: str) -> Node | None:
        """Return the value of *key*, which is looked after from now on; None where it is absent or empty."""
        self._taken.add(key)
        node = self.pairs.get(key)
        return None if node is None or node.empty else node

    def text(self, *keys: str) -> str | None:
        """Return the single value of the first of *keys* that has one, as it is written."""
        nodes = [self.take(key) for key in keys]
        return next((node.text for node in nodes if node is not None and node.scalar), None)

    def number(self, key: str) -> Decimal | None:
        """Return the number of *key*, None where it holds none."""
        node = self.take(key)
        if node is None:
            return None
        try:
            value = Decimal(node.text)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite():
            self.note(key, "is not a number that is known here", "write the figure itself into config.yaml")
            return None
        return value

    def truth(self, key: str) -> bool | None:
        """Return the yes or no of *key*, None where it says neither."""
        word = (self.text(key) or "").lower()
        return True if word in TRUE else False if word in FALSE else None

    def part(self, key: str) -> "Part":
        """Return the mapping under *key*; an empty one where it is absent."""
        return Part(self.take(key), self.place(key), self.left)

    def texts(self, key: str) -> dict[str, str]:
        """Return the single values under the mapping *key*."""
        return {name: node.text for name, node in self.part(key).pairs.items() if node.scalar and not node.empty}

    def place(self, key: str) -> str:
        """Return the whole path of *key*."""
        return f"{self.path}.{key}" if self.path else key

    def note(self, key: str, message: str, remedy: str) -> None:
        """Tell of *key* that it is not taken over."""
        line = self.pairs[key].line if key in self.pairs else self.line
        self.left.note(line, self.place(key), message, remedy)

    def leave(self, reasons: Mapping[str, tuple[str, str]], quiet: Collection[str] = ()) -> None:
        """Tell of every key that was not taken: in the words of *told*, else that nothing here is like it.

        Of the keys in *quiet* nothing is said: what they ask for is so here, or has no bearing.
        """
        for key in self.pairs:
            if key not in self._taken and key not in quiet and not self.pairs[key].empty:
                self.note(key, *reasons.get(key, UNKNOWN))


def parts(node: Node | None, path: str, left: Leftovers) -> Iterator[Part]:
    """The mappings of a list; anything else in it is told."""
    for index, item in enumerate(node.items if node else ()):
        yield Part(item, f"{path}[{index}]", left)


def merged(node: Node | None) -> Mapping[str, Node]:
    """The pairs of a mapping, those of its merge keys (`<<: *defaults`) under its own."""
    if node is None or MERGE not in node.pairs:
        return node.pairs if node else NOTHING
    source = node.pairs[MERGE]
    below: dict[str, Node] = {}
    for one in reversed(source.items or (source,)):
        below |= merged(one)
    return {**below, **{key: value for key, value in node.pairs.items() if key != MERGE}}
