"""Writes the files of a new installation: config.yaml, and the policies beside it."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from router.config.discover import Discovery
from router.config.document import MAX_BYTES
from router.config.migration.taking import take_over
from router.config.providers import KeySeen
from router.config.starter import only_discovers, starter_config
from router.core.errors import Problem, SetupError


def write_new(path: Path, discovery: Discovery, keys: Sequence[KeySeen], *, force: bool) -> Iterator[str]:
    """Write config.yaml at *path* and the shipped policies beside it; yield a line for each file.

    An existing policy is kept unless *force*: it may hold someone's rules. A config.yaml that only looks for servers is
    put aside. Raises OSError if a file cannot be written.
    """
    yield from _config(path, starter_config(discovery, keys), force=force)
    yield from _policies(path.parent / "policies", {}, force=force)


def write_taken_over(path: Path, source: Path, discovery: Discovery, *, force: bool) -> Iterator[str]:
    """Write what the litellm.yaml *source* becomes, as `write_new` does; then yield a line for each thing left to do.

    A local model that was found becomes `small` if the file names none. Raises SetupError, before anything is written,
    if the file cannot be read, and OSError if a file cannot be written.
    """
    made = take_over(_read(source), str(source), discovery.world.upstreams["small"])
    yield from made.lines
    yield from _config(path, made.config, force=force)
    yield from _policies(path.parent / "policies", made.policies, force=force)
    if made.left:
        yield f"not carried over: {len(made.left)} (they stand at the end of {path}, too)"
    yield from map(str, made.left)


def _config(path: Path, text: str, *, force: bool) -> Iterator[str]:
    if not force and only_discovers(path):
        aside = path.with_name(f"{path.name}.before")
        path.replace(aside)
        yield f"{path} named no upstream; it is {aside} now"
    yield _written(path, text, force=force)


def _read(source: Path) -> bytes:
    try:
        with source.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "it cannot be read"
        problem = Problem(str(source), None, "", reason, "name the file that LiteLLM is started with (--config)")
        raise SetupError([problem]) from None


def _policies(folder: Path, own: Mapping[str, str], *, force: bool) -> Iterator[str]:
    folder.mkdir(parents=True, exist_ok=True)
    for policy in sorted(Path(str(files("policies"))).glob("*.yaml")):
        yield _written(folder / policy.name, policy.read_text(encoding="utf-8"), force=force)
    for name, text in own.items():
        yield _written(folder / f"{name}.yaml", text, force=force)


def _written(path: Path, text: str, *, force: bool) -> str:
    # The exclusive mode refuses a file that appeared since anyone looked.
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return f"kept {path}"
    return f"wrote {path}"
