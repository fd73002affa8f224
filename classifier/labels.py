"""Labelled rows: how good a small and a large answer to one request were, read from files."""

import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from classifier.ask import last_ask
from classifier.digests import model_digest
from classifier.single import Row
from classifier.task import split_key

TOLD = 20


class LabelError(ValueError):
    """A labelled file cannot be used; the message names file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What the two answers took: tokens, and dollars where the file states them; None is not known."""

    prompt_tokens: int | None = None
    small_tokens: int | None = None
    large_tokens: int | None = None
    small_cost: float | None = None
    large_cost: float | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The small answer itself, as far as the file holds it; what it lacks is None.

    `final` is the final answer where the file names it apart (its text may be cut), `chars` the whole length.
    """

    text: str | None = None
    final: str | None = None
    names_final: bool = False
    chars: int | None = None
    message: Mapping[str, Any] | None = None
    finish_reason: str | None = None
    logprobs: tuple[float, ...] | None = None
    mean_logprob: float | None = None
    min_logprob: float | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a row without a body brings in its place: features (d,) float32, its task path, and who graded it."""

    features: Row
    path: tuple[str, ...]
    who: str


@dataclass(frozen=True, slots=True)
class Label:
    """One request answered by a small and a large model, both graded in [0, 1].

    `drawn`: for how many requests of the traffic it stands (1 over the chance of being graded); `trust`: how far its
    grader is believed, in [0, 1].
    """

    prompt_id: str
    source: str
    category: str
    body: Mapping[str, Any]
    key: str
    small_model: str
    small_digest: str
    large_model: str
    small_quality: float
    large_quality: float
    quality_kind: str
    split: str
    spending: Spending
    licence: str = ""
    answer: Written = Written()
    known: Known | None = None
    drawn: float = 1.0
    trust: float = 1.0

    @property
    def gain(self) -> float:
        """What the large model's answer is better by, in [-1, 1]."""
        return self.large_quality - self.small_quality


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
        more = [f"and {len(wrong) - TOLD:,} rows more are wrong"] if len(wrong) > TOLD else []
        raise LabelError("\n".join([*wrong[:TOLD], *more]))
    return labels


def write(labels: Iterable[Label], path: str | Path) -> int:
    """Writes rows in the schema of docs/labelled-data.md, requests whole; returns how many.

    A `.gz` name is compressed, with no time inside: same rows, same bytes.
    """
    lines = [orjson.dumps(_row(label)) + b"\n" for label in labels]
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


def parse(row: Mapping[str, Any], where: str) -> Label:
    """Returns one row as a Label; `where` (file:line) leads the message of a LabelError."""
    body = _body(row, where)
    prompt = row.get("prompt")
    small, large = _text(row, "small_model", where), _text(row, "large_model", where)
    return Label(
        prompt_id=str(row.get("prompt_id") or where),
        source=str(row.get("source") or "unnamed"),
        category=str(row.get("category") or ""),
        body=body,
        key=split_key(prompt if isinstance(prompt, str) else last_ask(body)),
        small_model=small,
        small_digest=str(row.get("small_digest") or model_digest(small)),
        large_model=large,
        small_quality=_quality(row, "small_quality", where),
        large_quality=_quality(row, "large_quality", where),
        quality_kind=str(row.get("quality_kind") or "exact"),
        split=str(row.get("split") or ""),
        spending=_spending(row, where),
        licence=str(row.get("license") or ""),
        answer=_written(row, where),
    )


def _row(label: Label) -> dict[str, Any]:
    spent = label.spending
    row = {
        "prompt_id": label.prompt_id,
        "source": label.source,
        "category": label.category,
        "request": label.body,
        "small_model": label.small_model,
        "small_digest": label.small_digest,
        "large_model": label.large_model,
        "small_quality": label.small_quality,
        "large_quality": label.large_quality,
        "quality_kind": label.quality_kind,
        "prompt_tokens": spent.prompt_tokens,
        "small_completion_tokens": spent.small_tokens,
        "large_completion_tokens": spent.large_tokens,
        "small_cost": spent.small_cost,
        "large_cost": spent.large_cost,
        "small_response": label.answer.text,
        "small_final": label.answer.final,
        "small_chars": label.answer.chars,
        "small_message": label.answer.message,
        "small_finish_reason": label.answer.finish_reason,
        "small_logprobs": label.answer.logprobs,
        "small_mean_logprob": label.answer.mean_logprob,
        "small_min_logprob": label.answer.min_logprob,
        "split": label.split or None,
        "license": label.licence or None,
    }
    return {name: value for name, value in row.items() if value is not None}


def _rows(path: Path) -> Iterator[Label | LabelError]:
    try:
        with _open(path) as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _row_of(line, f"{path}:{number}")
    except FileNotFoundError as missing:
        raise LabelError(f"{path}: no such file; check the path") from missing
    except (gzip.BadGzipFile, EOFError, IsADirectoryError, PermissionError) as broken:
        raise LabelError(f"{path}: cannot be read ({broken}); give a .jsonl or .jsonl.gz file") from broken


def _row_of(line: bytes, where: str) -> Label | LabelError:
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


def _body(row: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    request = row.get("request")
    if isinstance(request, Mapping):
        return request
    prompt = row.get("prompt")
    if not isinstance(prompt, str):
        raise LabelError(f"{where}: neither 'prompt' nor 'request'; add one (docs/labelled-data.md)")
    body: dict[str, Any] = {"messages": [{"role": "user", "content": prompt}]}
    if row.get("tools"):
        body["tools"] = _tools(row["tools"], where)
    return body


def _tools(given: Any, where: str) -> list[Any]:
    if isinstance(given, str):
        try:
            given = orjson.loads(given)
        except orjson.JSONDecodeError as broken:
            raise LabelError(f"{where}: 'tools' is not JSON ({broken}); write a list of schemas") from broken
    functions = given if isinstance(given, list) else [given]
    return [
        tool if isinstance(tool, Mapping) and "function" in tool else {"type": "function", "function": tool}
        for tool in functions
    ]


def _text(row: Mapping[str, Any], field: str, where: str) -> str:
    value = row.get(field)
    if not isinstance(value, str) or not value:
        raise LabelError(f"{where}: '{field}' is missing; write the model's name")
    return value


def _quality(row: Mapping[str, Any], field: str, where: str) -> float:
    value = row.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise LabelError(f"{where}: '{field}' is {value!r}; write a grade from 0 to 1")
    return float(value)


def _spending(row: Mapping[str, Any], where: str) -> Spending:
    tokens = (row.get(f"{name}_tokens") for name in ("prompt", "small_completion", "large_completion"))
    costs = (row.get(f"{name}_cost") for name in ("small", "large"))
    values = [*tokens, *costs]
    if any(value is not None and (not isinstance(value, int | float) or value < 0) for value in values):
        raise LabelError(f"{where}: token counts and costs are numbers of at least 0; leave out what is unknown")
    return Spending(*values)


def _written(row: Mapping[str, Any], where: str) -> Written:
    text, message, chars = row.get("small_response"), row.get("small_message"), row.get("small_chars")
    logprobs, final = row.get("small_logprobs"), row.get("small_final")
    if logprobs is not None and not _numbers(logprobs):
        raise LabelError(
            f"{where}: 'small_logprobs' is a list of numbers, one a content token; leave out what is unknown"
        )
    return Written(
        text=text if isinstance(text, str) else None,
        final=None if final is None else str(final),
        names_final=final is not None or chars is not None,
        chars=chars if isinstance(chars, int) else None,
        message=message if isinstance(message, Mapping) else None,
        finish_reason=row.get("small_finish_reason") if isinstance(row.get("small_finish_reason"), str) else None,
        logprobs=None if logprobs is None else tuple(map(float, logprobs)),
        mean_logprob=_measure(row.get("small_mean_logprob")),
        min_logprob=_measure(row.get("small_min_logprob")),
    )


def _measure(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _numbers(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


def _named(name: str, wanted: str | None) -> bool:
    return wanted is None or name == wanted or model_digest(name) == model_digest(wanted)
