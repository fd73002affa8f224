"""The files that a configuration names: all of them known, and every change of one to be seen."""

import os
from pathlib import Path

import pytest

from router.config import load_config
from router.config.files import row_files, row_stamp, stamp
from router.core.errors import SetupError
from tests.config.conftest import Desk

BOOK = "book: ours\ndate: 2026-11-20\nprices: {}\n"


def test_another_length_another_time_and_another_file_in_its_place_are_all_seen(tmp_path: Path) -> None:
    path, other = tmp_path / "secret", tmp_path / "other"
    path.write_text("one")
    first = stamp(path)
    path.write_text("one more")
    longer = stamp(path)
    os.utime(path, ns=(0, 7))
    later = stamp(path)
    other.write_text("one else")
    os.utime(other, ns=(0, 7))
    other.replace(path)
    assert len({first, longer, later, stamp(path)}) == 4
    assert stamp(path) == stamp(path)


@pytest.mark.parametrize("name", ["nothing", "nothing/at/all", "no\0path"])
def test_what_is_not_there_has_no_stamp(tmp_path: Path, name: str) -> None:
    assert stamp(tmp_path / name) == ()


def test_of_a_folder_its_policies_and_its_checksums_count(tmp_path: Path) -> None:
    (tmp_path / "panel").mkdir()
    seen = {stamp(tmp_path)}
    for name in ("balanced.yaml", "SHA256SUMS", "panel/SHA256SUMS"):
        (tmp_path / name).write_text("x")
        seen.add(stamp(tmp_path))
    (tmp_path / ".balanced.yaml.swp").write_text("x")
    (tmp_path / "notes.txt").write_text("x")
    seen.add(stamp(tmp_path))
    assert len(seen) == 4


def test_a_configuration_knows_every_file_that_it_names(desk: Desk) -> None:
    for name in ("key", "ca.pem", "answers.jsonl"):
        (desk.folder / name).write_text("sk-1")
    (desk.folder / "book.yaml").write_text(BOOK)
    (desk.folder / "learnt").mkdir()
    third = desk.server(key="'${file:key}'", ca="ca.pem")
    sheet = "  fourth: {kind: recorded, recording: answers.jsonl, price: free}\n"
    text = f"{third}{sheet}prices: book.yaml\nclassifier: {{artifact: learnt}}\npolicies: {{folder: rules}}\n"
    named = {"config.yaml", "key", "ca.pem", "answers.jsonl", "book.yaml", "learnt", "rules"}
    assert desk.load(text).files == {desk.folder / name for name in named}
    assert desk.load(desk.pair).files == {desk.path, desk.folder / "policies"}


def test_a_refused_one_tells_its_files_too_since_one_of_them_may_mend_it(desk: Desk) -> None:
    desk.path.write_text(desk.server(key="'${file:later}'") + "prices: book.yaml\n")
    with pytest.raises(SetupError) as refused:
        load_config(desk.path, environ={})
    assert {desk.folder / "later", desk.folder / "book.yaml", desk.path} <= refused.value.files


def test_a_changed_file_makes_another_row_of_the_same_configuration(desk: Desk) -> None:
    ca = desk.folder / "ca.pem"
    ca.write_text("one")
    before = desk.load(desk.server(ca="ca.pem"))
    ca.write_text("another")
    after = desk.load(desk.server(ca="ca.pem"))
    assert before.upstreams["third"] != after.upstreams["third"]
    assert before.upstreams["small"] == after.upstreams["small"]
    assert before.digest == after.digest


def test_what_is_built_in_is_no_file() -> None:
    assert list(row_files({"gguf": "builtin:tiny-a", "recording": "builtin", "threads": 2})) == []
    assert row_stamp({"recording": "builtin"}) == ()
