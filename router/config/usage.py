"""Which policies there are and which upstreams they name: a quick look at their files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from router.config.document import Node, read_document, read_doubtful
from router.core.errors import SetupError

DISCOVERED = MappingProxyType({"small": True, "big": True})


@dataclass(frozen=True, slots=True)
class Usage:
    """The policies found by name, each with its file, and the upstreams that any of them names.

    `every_local`: one of them has a `panel: local`, which is all local upstreams.
    """

    policies: Mapping[str, Path]
    upstreams: frozenset[str]
    every_local: bool = False


def policy_files(folder: Path) -> dict[str, Path]:
    """Return the policy files that count, by file name without ending.

    The configured folder comes first; what it lacks is taken from the package.
    """
    package = Path(str(files("policies")))
    found: dict[str, Path] = {}
    for place in (package, folder):
        if place.is_dir():
            found |= {path.stem: path for path in sorted(place.glob("*.yaml"))}
    return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class Outline:
    """Of a configuration that is wrong, what its policies are read with: their folder, and each upstream's name with
    whether it is marked local."""

    policies: Path
    upstreams: Mapping[str, bool]


def outline(path: Path) -> Outline | None:
    """Return the outline of the configuration *path*; None where it is no YAML or names no upstream."""
    try:
        root, _ = read_doubtful(path.read_bytes(), str(path))
    except (OSError, SetupError):
        return None
    policies, upstreams = root.pairs.get("policies"), root.pairs.get("upstreams")
    if upstreams is None or not (upstreams.pairs or upstreams.text == "discover"):
        return None
    folder = policies.pairs.get("folder") if policies else None
    rows = {name: _marked_local(row) for name, row in upstreams.pairs.items()}
    return Outline(path.absolute().parent / (folder.text if folder else "policies"), rows or DISCOVERED)


def _marked_local(row: Node) -> bool:
    """Whether the row says `local: true`, or says nothing and is of the kind that is local by itself."""
    local, kind = row.pairs.get("local"), row.pairs.get("kind")
    if local is None:
        return kind is not None and kind.text == "llamacpp"
    return local.plain is True


def usage_of(folder: Path) -> Usage:
    """Return which policies there are and what they name.

    This looks only at plans, panels and audit judges, and passes over what does not parse:
    whether a policy is right is for `policies.load` to say.
    """
    paths = policy_files(folder)
    named: set[str] = set()
    every_local = False
    for path in paths.values():
        try:
            root = read_document(path.read_bytes(), str(path))
        except (OSError, SetupError):
            continue
        named.update(_named(root))
        every_local = every_local or _every_local(root)
    return Usage(paths, frozenset(named), every_local)


def holdouts_of(folder: Path) -> dict[str, float]:
    """Return the share of conversations that each policy holds out, 0 where it names none.

    What does not parse is passed over, as above.
    """
    found = {}
    for name, path in policy_files(folder).items():
        try:
            node = read_document(path.read_bytes(), str(path)).pairs.get("holdout")
            found[name] = float(node.text) if node is not None else 0.0
        except (OSError, SetupError, ValueError):
            continue
    return found


def _named(node: Node) -> Iterator[str]:
    for key, value in node.pairs.items():
        if key in ("plan", "panel", "upstream", "judge", "opinion") and not _all_local(key, value):
            yield from _words(value)
        yield from _named(value)
    for item in node.items:
        yield from _named(item)


def _every_local(node: Node) -> bool:
    if any(_all_local(key, value) for key, value in node.pairs.items()):
        return True
    return any(map(_every_local, (*node.pairs.values(), *node.items)))


def _all_local(key: str, value: Node) -> bool:
    """Whether this is `panel: local`, a word and no upstream's name."""
    return key == "panel" and value.scalar and value.text == "local"


def _words(node: Node) -> Iterator[str]:
    if node.scalar:
        yield node.text
    for item in node.items:
        yield from _words(item)


def about_of(path: Path) -> str | None:
    """Return what the policy file *path* says it is for; None where it cannot be read."""
    try:
        root = read_document(path.read_bytes(), str(path))
    except (OSError, SetupError):
        return None
    about = root.pairs.get("about")
    return about.text if about else ""
