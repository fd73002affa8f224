"""Every fault before a running proxy: what the client saw, what the ledger says: `python -m bench.faults`.

The servers are scripted and speak HTTP on loopback; those called real are llama.cpp with a model of our own. The same
rows are held to docs/faults.md by tests/stories/test_faults.py.
"""

import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import router
from tests.standins.faults import FAULTS, REAL
from tests.standins.stage import Seen, staged

HEAD = ("fault", "the client saw", "the ledger says")


def main() -> None:
    """Print the table as it stands in docs/faults.md."""
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}", flush=True)
    for name, play in FAULTS.items():
        with tempfile.TemporaryDirectory() as folder, staged(Path(folder)) as stage:
            tell(name, play(stage))
    models = sorted((Path(router.__file__).parent / "builtin" / "models").glob("*.gguf"))
    if find_spec("xllamacpp") is None or not models:
        print("NOT RUN: the real ones need llama.cpp (smallfirst[local]) and the built-in models", file=sys.stderr)
        return
    for name, real in REAL.items():
        with tempfile.TemporaryDirectory() as folder, staged(Path(folder)) as stage:
            tell(name, real(stage, models[0]))


def tell(name: str, seen: Seen) -> None:
    """One line of the table."""
    print(f"| {name} | {seen.client} | {seen.ledger} |", flush=True)


if __name__ == "__main__":
    main()
