"""A world made of a recorded labelled set: its answers play both models, its labels grade them.

The cut is read off the rows whose `split` is train; the rows of `dev` (or any other) are played.
Nothing is trained: `p_good` comes from the artifact that ships.
"""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from classifier import curve
from classifier.artifact import Classifier
from classifier.evaluate import Prices, grades
from classifier.features import extract
from classifier.label import Label, LabelError
from classifier.label_row import parse
from classifier.task import task_path
from router.builtin.sheet import tokens
from router.cli.playing import Item
from router.config import load_config
from router.config.world import SHEET_PRICE
from router.core.errors import Problem, SetupError
from router.core.prices import FREE
from router.core.upstream import UpstreamSpec
from router.runtime import Runtime

MAX_LOSS = 0.02
MIN_TRAIN = 50
REMEDY = "docs/labelled-data.md has the schema; rows need small_response, large_response and split"


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled row with the small and the big model's answers."""

    label: Label
    answers: tuple[str, str]


def recorded_world(record: Path, folder: Path, n: int) -> tuple[Runtime, list[Item]]:
    """The runtime over recordings of the set in `record`, and up to `n` questions to play on it.

    Raises SetupError where the folder holds no rows with both answers.
    """
    rows = _rows(record)
    first = rows[0].label
    pair = (first.small_model, first.large_model)
    own = [row for row in rows if (row.label.small_model, row.label.large_model) == pair]
    played = [row for row in own if row.label.split != "train"][:n]
    asked = {row.label.key for row in played}
    train = [row.label for row in own if row.label.split == "train" and row.label.key not in asked]
    if len(train) < MIN_TRAIN or not played:
        raise _refused(
            record, f"{len(train)} train rows and {len(played)} others of {pair[0]} and {pair[1]} are too few"
        )
    for name, side in (("small", 0), ("big", 1)):
        _write(folder / f"{name}.jsonl", [(row.label.body, row.answers[side]) for row in played])
    cut = _cut(Classifier.load(Path(str(files("classifier"))) / "artifacts" / "default"), train)
    print(f"recorded: {pair[0]} as `small`, {pair[1]} as `big`; cut {cut:.4f} read off {len(train)} train rows;")
    print(f"playing {len(played)} other rows. No sentence of the set is kept: the ledger holds no bodies.")
    return Runtime(_config(folder, pair, cut)), [_item(row) for row in played]


def _rows(record: Path) -> list[Row]:
    """Every row with both answers. Raises SetupError for a folder without any."""
    paths = sorted(path for path in record.glob("*.jsonl*") if path.is_file()) if record.is_dir() else []
    if not paths:
        raise _refused(record, "no .jsonl or .jsonl.gz file there")
    try:
        rows = [row for path in paths for row in _read(path)]
    except (LabelError, OSError, ValueError) as error:
        raise _refused(record, str(error)) from error
    if not rows:
        raise _refused(record, "no row has both answers")
    return rows


def _read(path: Path) -> Iterator[Row]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            row = orjson.loads(line)
            answers = (row.get("small_response"), row.get("large_response"))
            if all(answers):
                yield Row(parse(row, f"{path}:{number}"), answers)


def _cut(classifier: Classifier, train: Sequence[Label]) -> float:
    """The least p_good with which the small model may answer, at `MAX_LOSS` on the train rows; 1 if none will do."""
    groups = np.unique(np.array([row.key for row in train]), return_inverse=True)[1]
    chances = np.array(
        [classifier.p_good(extract(row.body), task_path(row.body, classifier.salt), row.small_digest) for row in train]
    )
    found = curve.cut(curve.rank(-chances), grades(train, groups, Prices()), MAX_LOSS, 0.0)
    return float(-found) if np.isfinite(found) else 1.0


def _write(path: Path, pairs: Sequence[tuple[Mapping[str, Any], str]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for body, text in pairs:
            asked = tokens(json.dumps(body["messages"]))
            said = tokens(text)
            usage = {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}
            message = {"role": "assistant", "content": text}
            response = {"message": message, "finish_reason": "stop", "usage": usage}
            file.write(json.dumps({"request": body, "response": response}) + "\n")


def _config(folder: Path, pair: tuple[str, str], cut: float) -> Any:
    shipped = (files("policies") / "balanced.yaml").read_text(encoding="utf-8")
    (folder / "policies").mkdir()
    (folder / "policies" / "balanced.yaml").write_text(shipped + f"\ncut: {cut:.6f}\n", encoding="utf-8")
    path = folder / "config.yaml"
    path.write_text("upstreams: discover\n")
    small, big = (
        UpstreamSpec(name=name, kind="recorded", model=model, local=name == "small", price=price, context=1 << 20,
                     options={"recording": str(folder / f"{name}.jsonl")})
        for name, model, price in (("small", pair[0], FREE), ("big", pair[1], SHEET_PRICE))
    )  # fmt: skip
    return load_config(path, environ={}).with_upstreams({"small": small, "big": big}, baseline="big")


def _item(row: Row) -> Item:
    label = row.label
    known = {row.answers[0]: label.small_quality, row.answers[1]: label.large_quality}
    return Item(label.body, label.source, partial(_grade, known))


def _grade(known: Mapping[str, float], message: Mapping[str, Any]) -> float:
    return known.get(str(message.get("content")), 0.0)


def _refused(record: Path, why: str) -> SetupError:
    return SetupError([Problem(str(record), None, "", why, REMEDY)])
