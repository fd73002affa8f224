"""config.yaml as a tree of values that know their line and where they came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from policies.document import MAX_ALIASES, Entry, Notes
from policies.document import read_document as read_yaml
from policies.problems import PolicyErrors
from router.core.errors import Problem, SetupError

MAX_BYTES = 1_000_000
TRUE = frozenset({"true", "yes", "on"})
FALSE = frozenset({"false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a document.

    A scalar keeps its `text` as written and what YAML took it for; `nothing` is `null`. `source` is
    set once a `${…}` was resolved in it: the text as written, which may be shown where the
    resolved text may not. `unset` names what its references did not find.
    """

    form: Literal["mapping", "list", "text", "number", "truth", "nothing"]
    line: int
    text: str = field(default="", repr=False)
    pairs: Mapping[str, "Node"] = field(default_factory=dict)
    items: tuple["Node", ...] = ()
    source: str | None = None
    unset: tuple[str, ...] = ()

    @property
    def scalar(self) -> bool:
        """Whether this is a single value."""
        return self.form not in ("mapping", "list")

    @property
    def plain(self) -> bool | int | float | str:
        """A single value as YAML took it; a resolved reference is always text."""
        if self.source is None and self.form == "truth":
            return self.text.lower() in TRUE
        if self.source is None and self.form == "number":
            return _number(self.text)
        return self.text

    @property
    def empty(self) -> bool:
        """Whether nothing is written here: `key:`, `key: null`, or a reference that came back empty."""
        return self.form == "nothing" or (self.source is not None and not self.text)


def read_document(data: bytes, file: str, *, aliases: int = MAX_ALIASES) -> Node:
    """Return the tree of the YAML document *data*, references not yet resolved.

    Raises `SetupError` for what is no YAML and for what the policies' reader refuses as well
    (duplicate keys, tags, too many aliases, values or levels, 1 MB), and for an empty file.
    """
    root, doubtful = read_doubtful(data, file, aliases=aliases)
    if doubtful:
        raise SetupError(PolicyErrors(doubtful).problems)
    return root


def read_doubtful(data: bytes, file: str, *, aliases: int = MAX_ALIASES) -> tuple[Node, list[Problem]]:
    """Return the tree, and what is wrong in it without hiding the rest: keys that stand twice, values nobody can read.

    Of a key that stands twice the first is in the tree. Raises `SetupError` where reading cannot go on.
    """
    if len(data) > MAX_BYTES:
        raise SetupError([Problem(file, None, "", "the file is over 1 MB", "a configuration is a page: shorten it")])
    notes = Notes(file)
    try:
        text = data.decode("utf-8-sig")
        if not text.strip():
            raise SetupError([Problem(file, None, "", "the file is empty", "write at least `upstreams: discover`")])
        root = read_yaml(text, notes, aliases=aliases)
    except UnicodeDecodeError:
        raise SetupError([Problem(file, None, "", "the file is not UTF-8", "save it as UTF-8")]) from None
    except PolicyErrors as error:
        raise SetupError(error.problems) from None
    return _node(root), notes.problems


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _node(entry: Entry) -> Node:
    match entry.value:
        case Mapping():
            return Node("mapping", entry.line, pairs={key: _node(value) for key, value in entry.value.items()})
        case tuple():
            return Node("list", entry.line, items=tuple(_node(item) for item in entry.value))
        case None:
            return Node("nothing", entry.line, entry.text)
        case bool():
            return Node("truth", entry.line, entry.text)
        case int() | float():
            return Node("number", entry.line, entry.text)
    return Node("text", entry.line, entry.text)
