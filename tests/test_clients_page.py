"""docs/clients.md names the clients' versions as their lock files hold them, and the locks name no registry."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CLIENTS = ROOT / "tests" / "clients"
PYTHON = [*sorted(CLIENTS.glob("*/requirements.lock")), ROOT / "requirements-litellm.lock"]
NODE = sorted(CLIENTS.glob("*/package-lock.json"))


def locked() -> Iterator[tuple[str, str]]:
    """Package and version, of every lock file; one package may stand in several."""
    for path in PYTHON:
        yield from re.findall(r"^([\w.-]+)==([\w.]+)", path.read_text(), re.M)
    for path in NODE:
        packages = json.loads(path.read_text())["packages"]
        yield from ((name.removeprefix("node_modules/"), one["version"]) for name, one in packages.items() if name)


def test_the_page_names_the_versions_that_are_locked() -> None:
    rows = re.findall(
        r"^\| ([\w@/.-]+)(?: \([\w ]+\))? \| (\d[\w.]+) \|", (ROOT / "docs" / "clients.md").read_text(), re.M
    )
    assert len(rows) == 13
    assert sorted(set(rows) - set(locked())) == []


@pytest.mark.parametrize("path", [*PYTHON, *NODE], ids=lambda path: f"{path.parent.name}")
def test_the_locks_hold_hashes_and_no_registry(path: Path) -> None:
    text = path.read_text()
    assert "--hash=sha256:" in text or '"integrity"' in text
    assert "://" not in re.sub(r'"(?:url|funding)": "[^"]*"', "", text)
    assert '"resolved"' not in text
