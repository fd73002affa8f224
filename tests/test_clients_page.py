"""docs/clients.md names the clients' versions as their lock files hold them, and the locks name no registry."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
CLIENTS = ROOT / "tests" / "clients"


def locked() -> dict[str, str]:
    """Version by package, of both lock files."""
    python = re.findall(r"^([\w.-]+)==(\S+)", (CLIENTS / "requirements.lock").read_text(), re.M)
    packages = json.loads((CLIENTS / "node" / "package-lock.json").read_text())["packages"]
    node = {f"{path.removeprefix('node_modules/')} (Node)": one["version"] for path, one in packages.items() if path}
    return dict(python) | node


def test_the_page_names_the_versions_that_are_locked() -> None:
    rows = re.findall(r"^\| ([\w@/.-]+)( \(\w+\))? \| (\d[\w.]+) \|", (ROOT / "docs" / "clients.md").read_text(), re.M)
    assert len(rows) == 11
    versions = locked()
    for name, note, version in rows:
        known = (
            versions.get(f"{name} (Node)") if note == " (Node)" else versions.get(name, versions.get(f"{name} (Node)"))
        )
        assert known == version, name


def test_the_locks_hold_hashes_and_no_registry() -> None:
    python, node = (CLIENTS / "requirements.lock").read_text(), (CLIENTS / "node" / "package-lock.json").read_text()
    assert "--hash=sha256:" in python
    assert "://" not in python
    assert '"integrity"' in node
    assert '"resolved"' not in node
