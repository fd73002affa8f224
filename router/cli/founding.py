"""The files of a new installation: config.yaml, and the policies beside it."""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from router.config.discover import Discovery
from router.config.providers import KeySeen
from router.config.starter import starter_config


def found(path: Path, discovery: Discovery, keys: Sequence[KeySeen], *, force: bool) -> Iterator[str]:
    """Write config.yaml at *path* and the shipped policies beside it; yield a line for each file.

    A policy that is there already is kept unless *force*: it may hold someone's rules. Raises
    OSError where a file cannot be written.
    """
    yield _written(path, starter_config(discovery, keys), force=force)
    folder = path.parent / "policies"
    folder.mkdir(parents=True, exist_ok=True)
    for policy in sorted(Path(str(files("policies"))).glob("*.yaml")):
        yield _written(folder / policy.name, policy.read_text(encoding="utf-8"), force=force)


def _written(path: Path, text: str, *, force: bool) -> str:
    # The exclusive mode refuses a file that appeared since anyone looked.
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return f"kept {path}"
    return f"wrote {path}"
