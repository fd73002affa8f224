"""A mapping being read: returns typed values, notes mistakes, and reports keys that nobody asked for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any, TypeVar

from router.config.document import FALSE, TRUE, Node
from router.config.references import MALFORMED
from router.core.errors import Problem

Choice = TypeVar("Choice", bound=str)
CLOSE = 0.6
LATER = "comes with a later release"


@dataclass(slots=True)
class Findings:
    """What reading found: mistakes, doubts, and variables that are not set."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    unset: list[Problem] = field(default_factory=list)

    def problem(self, line: int | None, path: str, message: str, remedy: str) -> None:
        """Note a mistake."""
        self.problems.append(Problem(self.file, line, path, message, remedy))

    def warn(self, line: int | None, path: str, message: str, remedy: str) -> None:
        """Note a doubt."""
        self.warnings.append(Problem(self.file, line, path, message, remedy))


def nearest(word: str, known: Collection[str], otherwise: str) -> str:
    """Return "did you mean 'x'?" for the known word closest to *word*, or *otherwise*."""
    close = get_close_matches(word, sorted(known), n=1, cutoff=CLOSE)
    return f"did you mean '{close[0]}'?" if close else otherwise


class Section:
    """One mapping of the file.

    Asking for a key makes it known; `close` reports every key that nobody asked for. A value that
    is absent, empty or wrong comes back as the default, and a wrong one leaves a problem behind;
    a value that came through a reference is never quoted in one.
    """

    def __init__(self, node: Node | None, path: str, findings: Findings) -> None:
        self.findings = findings
        self.path = path
        self.line = node.line if node else None
        self.pairs: Mapping[str, Node] = {}
        self._asked: set[str] = set()
        if node is not None and node.form == "mapping":
            self.pairs = node.pairs
        elif node is not None and not node.empty:
            findings.problem(node.line, path, "must be a mapping", "write `key: value` lines under it")

    def place(self, key: str) -> str:
        """Return the whole path of *key*."""
        return f"{self.path}.{key}" if self.path else key

    def line_of(self, key: str) -> int | None:
        """Return the line of *key*, or the section's own where the key is absent."""
        return self.pairs[key].line if key in self.pairs else self.line

    def has(self, key: str) -> bool:
        """Return whether *key* holds something; it is known from now on."""
        self._ask(key)
        return key in self.pairs and not self.pairs[key].empty

    def problem(self, key: str, message: str, remedy: str) -> None:
        """Note a mistake at *key*."""
        self.findings.problem(self.line_of(key), self.place(key), message, remedy)

    def warn(self, key: str, message: str, remedy: str) -> None:
        """Note a doubt at *key*."""
        self.findings.warn(self.line_of(key), self.place(key), message, remedy)

    def shown(self, key: str, absent: str = "") -> str:
        """Return the value of *key* as a message may quote it: never what a reference resolved to."""
        return quoted(self.pairs[key]) if self.has(key) else f"'{absent}'"

    def node(self, key: str) -> Node | None:
        """Return the value of *key* as it stands; None where it is absent or empty."""
        return self.pairs[key] if self.has(key) else None

    def section(self, key: str) -> "Section":
        """Return the mapping under *key*; an empty one where it is absent."""
        return Section(self.node(key), self.place(key), self.findings)

    def text(self, key: str, default: str | None = None) -> str | None:
        """Return the text of *key*."""
        node = self._scalar(key)
        if node is None:
            return default
        if node.source is None and node.form in ("number", "truth"):
            self.problem(key, f"must be text, not {quoted(node)}", f'write it in quotes: {key}: "…"')
            return default
        return node.text

    def required(self, key: str, remedy: str) -> str:
        """Return the text of *key*; empty, with a problem noted, where it is absent."""
        self._require(key, remedy)
        return self.text(key) or ""

    def integer(self, key: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
        """Return the whole number of *key* between *least* and *most*."""
        node = self._scalar(key)
        if node is None:
            return default
        digits = node.text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 12 and least <= int(node.text) <= most):
            self.problem(
                key, f"must be a whole number from {least} to {most}, not {quoted(node)}", f"the default is {default}"
            )
            return default
        return int(node.text)

    def number(self, key: str, default: float, *, most: float = 1e9) -> float:
        """Return the number of *key*, over 0 and at most *most*."""
        found = self.decimal(key)
        if found is None:
            return default
        if not 0 < found <= Decimal(most):
            self.problem(key, f"must be over 0 and at most {most:g}", f"the default is {default:g}")
            return default
        return float(found)

    def decimal(self, key: str) -> Decimal | None:
        """Return the number of *key* exactly as written, never through a float."""
        node = self._scalar(key)
        if node is None:
            return None
        try:
            value = Decimal(node.text)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or len(node.text) > 30:
            self.problem(key, f"must be a number, not {quoted(node)}", "write digits and at most one point, like 2.50")
            return None
        return value

    def truth(self, key: str, default: bool) -> bool:
        """Return the yes or no of *key*."""
        node = self._scalar(key)
        if node is None:
            return default
        word = node.text.lower()
        if word not in TRUE | FALSE:
            self.problem(key, f"must be true or false, not {quoted(node)}", f"the default is {str(default).lower()}")
            return default
        return word in TRUE

    def choice(self, key: str, options: tuple[Choice, ...], default: Choice) -> Choice:
        """Return the one of *options* that *key* names."""
        node = self._scalar(key)
        if node is None:
            return default
        chosen = {str(option): option for option in options}.get(node.text)
        if chosen is None:
            one_of = "write one of: " + ", ".join(options)
            self.problem(key, f"{quoted(node)} is not one of its values", nearest(node.text, options, one_of))
            return default
        return chosen

    def entries(self, key: str) -> tuple[Node, ...]:
        """Return the single values listed under *key*; none where it is absent or no list."""
        node = self.node(key)
        if node is None:
            return ()
        if node.form != "list" or not all(item.scalar for item in node.items):
            self.problem(key, "must be a list of words", f"write `{key}: [one, two]`")
            return ()
        self._note_unset(node.items, key)
        return node.items

    def data(self, key: str) -> Any:
        """Return the value of *key* as JSON would hold it, references resolved."""
        return self._plain(self.node(key), key)

    def named_texts(self, key: str) -> dict[str, str]:
        """Return the mapping of names to texts of *key*; values are never quoted in a problem."""
        inner = self.section(key)
        return {name: inner.text(name) or "" for name in inner.pairs if inner._is_scalar(name)}

    def close(self, otherwise: str = "see docs/configuration.md for the keys it knows") -> None:
        """Report every key that was never asked for."""
        for key, node in self.pairs.items():
            if key not in self._asked:
                remedy = nearest(key, self._asked, otherwise)
                self.findings.problem(node.line, self.place(key), "no such key", remedy)

    def misspelt(self, key: str) -> bool:
        """Return whether an unknown key looks like *key*: then one mistake is not reported twice."""
        strangers = (other for other in self.pairs if other not in self._asked)
        return any(get_close_matches(other, sorted(self._asked), n=1, cutoff=CLOSE) == [key] for other in strangers)

    def _plain(self, node: Node | None, key: str) -> Any:
        if node is None or node.empty:
            return None
        if node.form == "mapping":
            self._note_unset(node.pairs.values(), key)
            return {name: self._plain(value, key) for name, value in node.pairs.items()}
        if node.form == "list":
            self._note_unset(node.items, key)
            return [self._plain(item, key) for item in node.items]
        return node.plain

    def _require(self, key: str, remedy: str) -> None:
        if not self.has(key) and not (key in self.pairs and self.pairs[key].unset):
            self.problem(key, "is missing", remedy)

    def _is_scalar(self, key: str) -> bool:
        if self.pairs[key].scalar:
            return True
        self.problem(key, "must be a single value", "write it on one line")
        self._ask(key)
        return False

    def _scalar(self, key: str) -> Node | None:
        self._ask(key)
        if key not in self.pairs or not self._is_scalar(key):
            return None
        node = self.pairs[key]
        return None if node.empty or node.unset else node

    def _ask(self, key: str) -> None:
        if key not in self._asked and key in self.pairs:
            self._note_unset((self.pairs[key],), key)
        self._asked.add(key)

    def _note_unset(self, nodes: Collection[Node], key: str) -> None:
        for node in nodes:
            for name in node.unset:
                message, remedy = _lacking(name)
                self.findings.unset.append(Problem(self.findings.file, node.line, self.place(key), message, remedy))


def _lacking(name: str) -> tuple[str, str]:
    if name == MALFORMED:
        return name, "write ${NAME}, ${NAME:-default} or ${file:PATH}"
    if name.startswith("file "):
        return (
            f"{name} cannot be read",
            "make it a readable file of at most 64 KB; its path counts from config.yaml's folder",
        )
    return f"the variable {name} is not set", f"export {name}=…, or write ${{{name}:-default}}"


def quoted(node: Node) -> str:
    """Return a value as a message may quote it: short, and never what a reference resolved to."""
    if not node.scalar:
        return "this"
    shown = node.text if node.source is None else f"the value of {node.source}"
    return f"'{shown}'" if len(shown) <= 40 else "this"
