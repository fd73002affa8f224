"""Labelled files, plain or compressed: read, written, divided into training and test rows."""

import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from classifier.digests import model_digest
from classifier.label import Label, LabelError
from classifier.label_row import parse, row_of

SHOWN = 20
"""Wrong rows that an error names; the others are counted."""


def read(paths: Iterable[str | Path]) -> list[Label]:
    """Returns the rows of all files in order; `.jsonl`, plain or `.gz`.

    Raises LabelError, naming file and line, for a file that is missing, broken or empty, and for all rows that are
    wrong, the first twenty by name.
    """
    labels: list[Label] = []
    wrong: list[str] = []
    for path in map(Path, paths):
        before = len(labels), len(wrong)
        for row in _rows(path):
            if isinstance(row, LabelError):
                wrong.append(str(row))
            else:
                labels.append(row)
        if (len(labels), len(wrong)) == before:
            raise LabelError(f"{path}: no rows; write one JSON object a line (docs/labelled-data.md)")
    if wrong:
        more = [f"and {len(wrong) - SHOWN:,} rows more are wrong"] if len(wrong) > SHOWN else []
        raise LabelError("\n".join([*wrong[:SHOWN], *more]))
    return labels


def write(labels: Iterable[Label], path: str | Path) -> int:
    """Writes rows in the schema of docs/labelled-data.md, requests whole; returns how many.

    A `.gz` name is compressed, with no time inside: same rows, same bytes.
    """
    lines = [orjson.dumps(row_of(label)) + b"\n" for label in labels]
    content = b"".join(lines)
    target = Path(path)
    try:
        target.write_bytes(gzip.compress(content, mtime=0) if target.suffix == ".gz" else content)
    except OSError as wrong:
        raise LabelError(f"{target}: cannot be written ({wrong.strerror}); choose another --out") from wrong
    return len(lines)


def pick(labels: Iterable[Label], small: str | None, large: str | None) -> list[Label]:
    """Returns the rows of one pair; None takes every model. Names match as digests do, or exactly.

    Raises LabelError that lists what the files hold when nothing is left.
    """
    rows = list(labels)
    kept = [row for row in rows if _named(row.small_model, small) and _named(row.large_model, large)]
    if rows and not kept:
        pairs = sorted({f"{row.small_model} -> {row.large_model}" for row in rows})
        raise LabelError(f"no row has the pair {small or '*'} -> {large or '*'}; the files hold: {', '.join(pairs)}")
    return kept


def divide(train: Sequence[str | Path], test: Sequence[str | Path]) -> tuple[list[Label], list[Label], int]:
    """Returns training rows, test rows, and how many training rows were dropped.

    A file named on both sides is divided by its `split` field: `train` to the one, `dev` or `test` to
    the other. A training row whose question is also a test question is dropped: it would be learned
    by heart. Raises LabelError when such a file has no `split`, or a side is left empty.
    """
    both = {Path(path).resolve() for path in train} & {Path(path).resolve() for path in test}
    learned = _side(train, both, ("train",))
    measured = _side(test, both, ("dev", "test"))
    kept, dropped = apart(learned, measured)
    if learned and not kept:
        raise LabelError("every training question is also a test question; give other files")
    return kept, measured, dropped


def apart(learned: Sequence[Label], measured: Sequence[Label]) -> tuple[list[Label], int]:
    """Returns the training rows whose question is no test question, and how many rows that leaves out."""
    keys = {row.key for row in measured}
    kept = [row for row in learned if row.key not in keys]
    return kept, len(learned) - len(kept)


def _side(paths: Sequence[str | Path], both: Set[Path], splits: tuple[str, ...]) -> list[Label]:
    rows: list[Label] = []
    for path in paths:
        found = read([path])
        if Path(path).resolve() in both:
            found = [row for row in found if row.split in splits]
            if not found:
                wanted = " or ".join(splits)
                raise LabelError(f"{path}: named on both sides, but no row has split {wanted}; add `split`")
        rows.extend(found)
    return rows


def _rows(path: Path) -> Iterator[Label | LabelError]:
    try:
        with _open(path) as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _label(line, f"{path}:{number}")
    except FileNotFoundError as missing:
        raise LabelError(f"{path}: no such file; check the path") from missing
    except (gzip.BadGzipFile, EOFError, IsADirectoryError, PermissionError) as broken:
        raise LabelError(f"{path}: cannot be read ({broken}); give a .jsonl or .jsonl.gz file") from broken


def _label(line: bytes, where: str) -> Label | LabelError:
    try:
        return parse(_object(line, where), where)
    except LabelError as wrong:
        return wrong


def _open(path: Path) -> BinaryIO | gzip.GzipFile:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def _object(line: bytes, where: str) -> Mapping[str, Any]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as broken:
        raise LabelError(f"{where}: not JSON ({broken}); write one JSON object a line") from broken
    if not isinstance(row, dict):
        raise LabelError(f"{where}: not an object; write one JSON object a line")
    return row


def _named(name: str, wanted: str | None) -> bool:
    return wanted is None or name == wanted or model_digest(name) == model_digest(wanted)
