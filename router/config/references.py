"""`${NAME}`, `${NAME:-default}` and `${file:PATH}`: the only ways in from outside."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from router.config.document import Node

MAX_SECRET_BYTES = 65_536
PATTERN = r"\$\{(?:file:(?P<file>[^}]+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?)\}"
MALFORMED = "a malformed ${…}"


def environment() -> Mapping[str, str]:
    """Return the process's environment: the one place in the house that looks at it."""
    return os.environ


@dataclass(frozen=True, slots=True)
class Outside:
    """Where references are looked up: the environment, and files beside config.yaml. `files`: those looked for."""

    environ: Mapping[str, str]
    folder: Path
    files: set[Path] = field(default_factory=set)


def resolve(node: Node, outside: Outside) -> Node:
    """Return *node* with every reference in its values replaced; keys are never looked at.

    What cannot be found leaves its name in `unset` of the value that wanted it: whether that is
    a mistake depends on who reads the value.
    """
    if node.form == "mapping":
        return replace(node, pairs={key: resolve(value, outside) for key, value in node.pairs.items()})
    if node.form == "list":
        return replace(node, items=tuple(resolve(item, outside) for item in node.items))
    return _resolved(node, outside) if "${" in node.text else node


def _resolved(node: Node, outside: Outside) -> Node:
    unset: list[str] = []

    def found(match: re.Match[str]) -> str:
        value = _file(match["file"], outside) if match["file"] else _variable(match, outside)
        if value is None:
            unset.append(f"file {match['file']}" if match["file"] else match["name"])
        return value or ""

    text = re.sub(PATTERN, found, node.text)
    if "${" in re.sub(PATTERN, "", node.text):
        unset.append(MALFORMED)
    return replace(node, text=text, source=node.text, unset=tuple(unset))


def _variable(match: re.Match[str], outside: Outside) -> str | None:
    # As in a shell, `:-` also stands in for a variable that is set but empty.
    value = outside.environ.get(match["name"])
    return match["default"] if not value and match["default"] is not None else value or None


def _file(name: str, outside: Outside) -> str | None:
    outside.files.add(outside.folder / name)
    try:
        with (outside.folder / name).open("rb") as file:
            data = file.read(MAX_SECRET_BYTES + 1)
        return data.decode().rstrip("\r\n") if len(data) <= MAX_SECRET_BYTES else None
    except (OSError, ValueError):
        return None
