"""The files that a configuration names, and how to see that one of them has changed."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from router.config.pricebook import DEFAULT, NONE
from router.config.records import Config
from router.config.settings import SHIPPED

IN_FOLDERS = ("*.yaml", "SHA256SUMS", "panel/SHA256SUMS")
"""What counts of a folder: its policies, and the checksums that are written last when an artifact is saved."""

IN_ROWS = ("ca", "gguf", "recording")
"""The options of an upstream that name a file."""

Stamp = tuple[tuple[str, int, int, int], ...]


def stamp(path: Path) -> Stamp:
    """Size, time of the last change and inode of `path`, or of the files that count in a folder; () if it is gone.

    The inode tells apart files put in place by renaming, whatever times they bring along.
    """
    found: list[tuple[str, int, int, int]] = []
    try:
        inside = sorted(each for pattern in IN_FOLDERS for each in path.glob(pattern)) if path.is_dir() else [path]
        for each in inside:
            status = each.stat()
            found.append((str(each), status.st_size, status.st_mtime_ns, status.st_ino))
    except (OSError, ValueError):  # gone since, or no possible path
        return ()
    return tuple(found)


def named_by(config: Config) -> Iterator[Path]:
    """The files and folders that a configuration names, beside those of its references."""
    yield config.path
    yield config.policies.folder
    if config.prices not in (DEFAULT, NONE):
        yield Path(config.prices)
    if config.classifier.artifact not in SHIPPED:
        yield Path(config.classifier.artifact)
    for spec in config.upstreams.values():
        yield from row_files(spec.options)


def row_files(options: Mapping[str, Any]) -> Iterable[Path]:
    """The files that the options of an upstream's row name; what is built in is none."""
    written = (str(options[key]) for key in IN_ROWS if key in options)
    return [Path(path) for path in written if path and not path.startswith("builtin")]


def row_stamp(options: Mapping[str, Any]) -> Stamp:
    """The stamps of the files that an upstream's row names, so that rows with other files are not equal."""
    return tuple(each for path in row_files(options) for each in stamp(path))
