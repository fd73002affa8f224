"""Reads YAML into plain values that remember their line and key path."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

import yaml
from yaml.constructor import SafeConstructor

from policies.problems import Mistake, PolicyErrors, Problem

MAX_BYTES = 1_000_000
MAX_EVENTS = 20_000
MAX_ALIASES = 16
MAX_DEPTH = 20

Plain = object


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of the document with its place; `text` is a scalar as it was written."""

    value: "object | Mapping[str, Entry] | tuple[Entry, ...]"
    line: int
    path: str
    text: str = ""

    def plain(self) -> Plain:
        """Return the value as plain JSON types, without places."""
        if isinstance(self.value, Mapping):
            return {key: entry.plain() for key, entry in self.value.items()}
        if isinstance(self.value, tuple):
            return [entry.plain() for entry in self.value]
        return self.value if isinstance(self.value, (bool, int, float, str, type(None))) else self.text


class Notes:
    """Collects the problems of one file, so that all are reported at once."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def add(self, place: Entry, message: str, remedy: str) -> None:
        """Note that *message* is wrong at *place*."""
        self.problems.append(Problem(self.source, place.line, place.path, message, remedy))

    def mistake(self, place: Entry, mistake: Mistake) -> None:
        """Note *mistake*, which does not know its place, at *place*."""
        self.add(place, mistake.message, mistake.remedy)


def read_document(text: str, notes: Notes, *, aliases: int = MAX_ALIASES) -> Entry:
    """Return the document in *text*; mistakes in its keys and values are noted in *notes*.

    Raises `PolicyErrors` if reading cannot go on: the text is not YAML, too large or too
    deep, or has tags or more than *aliases* aliases. Only scalars are ever constructed.
    """
    if len(text.encode(errors="replace")) > MAX_BYTES:
        _stop(notes, 1, "the file is larger than 1 MB", "a policy is a page; keep data elsewhere")
    try:
        _guard(text, notes, aliases)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        _stop(notes, line, f"is not valid YAML: {error.problem}", "mend the line or quote the text")
    except yaml.YAMLError as error:
        _stop(notes, 1, f"is not valid YAML: {' '.join(str(error).split())}", "save the file as plain UTF-8 text")
    if node is None:
        _stop(notes, 1, "the file is empty", "write at least `policy:` and `otherwise:`")
    return _Reader(notes).entry(node, "")


def _guard(text: str, notes: Notes, most: int) -> None:
    """Check the limits on the flat stream of events, before anything nested is built."""
    aliases = depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        line = event.start_mark.line + 1 if event.start_mark else 1
        tag = getattr(event, "tag", None)
        aliases += isinstance(event, yaml.AliasEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if count > MAX_EVENTS:
            _stop(notes, line, "the file holds too many values", f"at most {MAX_EVENTS}; split the policy")
        if aliases > most:
            _stop(notes, line, "the file holds too many aliases", f"at most {most}; write the values out")
        if depth > MAX_DEPTH:
            _stop(notes, line, "the file is nested too deeply", f"at most {MAX_DEPTH} levels")
        if tag not in (None, "!"):
            _stop(notes, line, f"the tag '{tag}' is not allowed", "write a plain value")


def _stop(notes: Notes, line: int, message: str, remedy: str) -> NoReturn:
    raise PolicyErrors([*notes.problems, Problem(notes.source, line, "", message, remedy)])


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1 if node.start_mark else 1


class _Reader:
    """Turns composed nodes into entries. One for each file, because scalars share a constructor."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.constructor = SafeConstructor()
        self.open: list[yaml.Node] = []
        self.count = 0

    def entry(self, node: yaml.Node, path: str) -> Entry:
        """Return *node* as an entry at *path*."""
        line = _line(node)
        if node in self.open or len(self.open) > MAX_DEPTH:
            _stop(self.notes, line, "an alias leads back to itself", "write the value out")
        self.count += 1
        if self.count > MAX_EVENTS:
            _stop(self.notes, line, "the aliases make the file too large", "write the values out")
        self.open.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return Entry(self._mapping(node, path), line, path)
            if isinstance(node, yaml.SequenceNode):
                entries = (self.entry(child, f"{path}[{i}]") for i, child in enumerate(node.value))
                return Entry(tuple(entries), line, path)
            return self._scalar(node, path)
        finally:
            self.open.pop()

    def _mapping(self, node: yaml.MappingNode, path: str) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
            entry = self.entry(value_node, f"{path}.{key}" if path else key)
            place = Entry(None, _line(key_node), entry.path)
            if not isinstance(key_node, yaml.ScalarNode):
                self.notes.add(place, "a key must be a word", "write `name: value`")
            elif key in found:
                self.notes.add(place, f"'{key}' is written twice", f"keep one (the first is on line {found[key].line})")
            else:
                found[key] = entry
        return found

    def _scalar(self, node: yaml.Node, path: str) -> Entry:
        line = _line(node)
        try:
            value = self.constructor.construct_object(node)
        except (yaml.YAMLError, ValueError, OverflowError):
            value = None
            place = Entry(None, line, path)
            self.notes.add(place, f"'{node.value}' cannot be read as a value", "quote it if it is a text")
        return Entry(value, line, path, str(node.value))
