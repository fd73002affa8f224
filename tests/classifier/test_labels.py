"""Labelled files are read strictly, and no question stands on both sides of a split."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from classifier.label import LabelError
from classifier.labels import divide, pick, read, write


def row(prompt: str, **changes: Any) -> dict[str, Any]:
    known = {"source": "s", "prompt": prompt, "small_model": "tiny", "large_model": "big"}
    return known | {"small_quality": 0.0, "large_quality": 1.0} | changes


def file(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in rows))
    return path


def test_a_training_row_whose_question_is_tested_is_dropped(tmp_path: Path) -> None:
    train = file(tmp_path / "train.jsonl", row("What is one and one?"), row("What is two and two?"))
    test = file(tmp_path / "test.jsonl", row("  WHAT is two, and two?!"))
    learned, measured, dropped = divide([train], [test])
    assert [label.body["messages"][0]["content"] for label in learned] == ["What is one and one?"]
    assert (len(measured), dropped) == (1, 1)


def test_a_file_on_both_sides_is_divided_by_its_split(tmp_path: Path) -> None:
    both = file(tmp_path / "both.jsonl", row("one", split="train"), row("two", split="dev"), row("three", split="test"))
    learned, measured, dropped = divide([both], [both])
    assert [label.split for label in learned] == ["train"]
    assert [label.split for label in measured] == ["dev", "test"]
    assert dropped == 0


def test_a_file_on_both_sides_without_a_split_is_refused(tmp_path: Path) -> None:
    both = file(tmp_path / "both.jsonl", row("one"))
    with pytest.raises(LabelError, match="add `split`"):
        divide([both], [both])


def test_what_is_written_reads_the_same(tmp_path: Path) -> None:
    given = read([file(tmp_path / "in.jsonl", row("one", license="MIT", small_cost=0.1, large_cost=1))])
    assert write(given, tmp_path / "out.jsonl.gz") == 1
    first = (tmp_path / "out.jsonl.gz").read_bytes()
    again = read([tmp_path / "out.jsonl.gz"])
    assert write(again, tmp_path / "out.jsonl.gz") == 1
    assert (tmp_path / "out.jsonl.gz").read_bytes() == first
    assert (again[0].licence, again[0].key) == ("MIT", given[0].key)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"small_quality": 1.2}, "write a grade from 0 to 1"),
        ({"small_quality": True}, "write a grade from 0 to 1"),
        ({"large_model": ""}, "'large_model' is missing"),
        ({"prompt": None}, "neither 'prompt' nor 'request'"),
        ({"prompt_tokens": -1}, "at least 0"),
        ({"tools": "["}, "'tools' is not JSON"),
    ],
)
def test_a_wrong_row_is_named_with_file_and_line(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    path = file(tmp_path / "rows.jsonl", row("one"), row("two") | changes)
    with pytest.raises(LabelError, match=said) as wrong:
        read([path])
    assert f"{path}:2" in str(wrong.value)


def test_a_file_that_is_no_gzip_is_said_to_be_broken(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl.gz").write_bytes(b"not gzip")
    with pytest.raises(LabelError, match="cannot be read"):
        read([tmp_path / "rows.jsonl.gz"])
    (tmp_path / "none.jsonl.gz").write_bytes(gzip.compress(b""))
    with pytest.raises(LabelError, match="no rows"):
        read([tmp_path / "none.jsonl.gz"])


def test_a_pair_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    rows = read([file(tmp_path / "rows.jsonl", row("one"))])
    assert pick(rows, "tiny", None) == rows
    with pytest.raises(LabelError, match="the files hold: tiny -> big"):
        pick(rows, "huge", None)


def test_every_wrong_row_is_named_at_once_up_to_twenty(tmp_path: Path) -> None:
    path = file(tmp_path / "rows.jsonl", *(row(str(nth)) | {"small_quality": 2} for nth in range(23)))
    with pytest.raises(LabelError) as wrong:
        read([path])
    lines = str(wrong.value).splitlines()
    assert [line.partition(": ")[0] for line in lines[:2]] == [f"{path}:1", f"{path}:2"]
    assert lines[20:] == ["and 3 rows more are wrong"]
