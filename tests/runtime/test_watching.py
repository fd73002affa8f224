"""Files that are looked at: each change is told once, and none is lost while others are taken up."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from router.runtime import Runtime
from router.runtime.watching import LARGE, FileWatch
from tests.runtime.conftest import WriteConfig

BOOK = """\
book: ours
date: 2026-11-20
prices:
  openai: {{hosts: [api.openai.com], models: {{gpt-5.2: {{input: {dollars}, output: 8}}}}}}
"""
ANSWER = '{{"key": "one", "response": {{"message": {{"role": "assistant", "content": "{text}"}}}}}}\n'


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("1")
    other.write_text("2")
    return one, other


def test_a_change_is_told_once(two: tuple[Path, Path]) -> None:
    watch = FileWatch(two)
    assert watch.look() == []
    two[1].write_text("22")
    assert watch.look() == [two[1]]
    assert watch.look() == []


def test_going_and_coming_back_are_changes_and_no_errors(two: tuple[Path, Path]) -> None:
    watch = FileWatch(two)
    two[0].unlink()
    assert watch.look() == [two[0]]
    two[0].write_text("1")
    assert watch.look() == [two[0]]


def test_what_is_newly_named_counts_from_then_on(two: tuple[Path, Path]) -> None:
    one, other = two
    watch = FileWatch([one])
    watch.follow([other])
    assert watch.look() == []
    one.write_text("11")
    other.write_text("22")
    assert watch.look() == [other]


def test_a_change_under_way_of_what_was_named_before_is_not_lost(two: tuple[Path, Path]) -> None:
    one, other = two
    watch = FileWatch([one])
    watch.look()
    one.write_text("11")  # after it was read, and before what it names is known
    watch.follow([one, other])
    assert watch.look() == [one]


def test_weights_that_are_being_copied_are_not_told_before_they_are_whole(two: tuple[Path, Path]) -> None:
    watch, (weights, small) = FileWatch(two), two
    for megabytes in (1, 2, 3):
        weights.write_bytes(b"w" * (megabytes * LARGE))
        assert watch.look() == []
    small.write_text("22")
    assert watch.look() == sorted(two)
    assert watch.look() == []


def test_a_large_file_that_is_back_as_it_was_has_not_changed(two: tuple[Path, Path]) -> None:
    weights, moved = two[0], two[0].with_name("moved")
    weights.write_bytes(b"w" * LARGE)
    watch = FileWatch(two)
    weights.rename(moved)
    weights.write_bytes(b"v" * LARGE)
    assert watch.look() == []
    moved.rename(weights)
    assert (watch.look(), watch.look()) == ([], [])


@dataclass
class Desk:
    """A folder with a config.yaml and files that it names, and the proxy that runs from it."""

    folder: Path
    running: Runtime

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)


@pytest.fixture
async def desk(write_config: WriteConfig, tmp_path: Path) -> AsyncIterator[Desk]:
    """It names a secret, a price book, a recording and an artifact; the rows cost nothing to build."""
    desk = Desk(tmp_path, None)  # type: ignore[arg-type]
    desk.write("secret", "sk-old")
    desk.write("book.yaml", BOOK.format(dollars=7))
    desk.write("sheet.jsonl", ANSWER.format(text="yes"))
    shutil.copytree(Path(str(files("classifier"))) / "artifacts" / "default", tmp_path / "learnt")
    config = write_config(
        "upstreams:\n"
        "  small: {kind: recorded, recording: sheet.jsonl, local: true, price: free}\n"
        "  big: {kind: openai, url: 'https://api.openai.com/v1', model: gpt-5.2, key: '${file:secret}'}\n"
        "prices: book.yaml\nclassifier: {artifact: learnt}\nstore: {url: memory}\n",
        balanced="policy: balanced\notherwise: {plan: [small, big]}\n",
    )
    desk.running = Runtime(config)
    yield desk
    await desk.running.stop()


async def test_a_rotated_secret_is_taken_up_and_nothing_else_is_built_anew(desk: Desk) -> None:
    small = desk.running.upstreams["small"]
    desk.write("secret", "sk-rotated")
    await desk.running.reload_if_changed()
    assert desk.running.upstreams["big"].spec.key == "sk-rotated"
    assert desk.running.upstreams["small"] is small
    pipeline = desk.running.pipeline
    await desk.running.reload_if_changed()
    assert desk.running.pipeline is pipeline


async def test_a_changed_price_book_is_taken_up_and_a_broken_one_keeps_the_last_good(desk: Desk) -> None:
    def asked() -> Decimal | None:
        return desk.running.upstreams["big"].spec.price.input

    desk.write("book.yaml", BOOK.format(dollars=0.5))
    await desk.running.reload_if_changed()
    assert asked() == Decimal("0.5")
    desk.write("book.yaml", "book: broken\n")
    await desk.running.reload_if_changed()
    assert asked() == Decimal("0.5")
    assert "book.yaml" in (desk.running.last_refusal or "")
    desk.write("book.yaml", BOOK.format(dollars=12))
    await desk.running.reload_if_changed()
    assert (asked(), desk.running.last_refusal) == (Decimal(12), None)


async def test_an_artifact_is_taken_up_once_its_checksums_are_written(desk: Desk) -> None:
    sums, first = desk.folder / "learnt" / "SHA256SUMS", desk.running.pipeline
    text = sums.read_text()
    sums.write_text("half")
    await desk.running.reload_if_changed()
    assert "classifier.artifact" in (desk.running.last_refusal or "")
    assert desk.running.pipeline is first
    sums.write_text(text + "\n")
    await desk.running.reload_if_changed()
    assert (desk.running.pipeline is first, desk.running.last_refusal) == (False, None)


async def test_an_upstream_is_built_anew_from_its_changed_file(desk: Desk) -> None:
    old = desk.running.upstreams["small"]
    desk.write("sheet.jsonl", ANSWER.format(text="not any more"))
    await desk.running.reload_if_changed()
    assert desk.running.upstreams["small"] is not old
    assert desk.running._retired.upstreams == (old,)


async def test_a_refused_configuration_is_tried_again_when_a_file_that_it_names_comes(desk: Desk) -> None:
    text = desk.running.config.path.read_text()
    desk.running.config.path.write_text(text.replace("file:secret", "file:coming"))
    await desk.running.reload_if_changed()
    assert "coming" in (desk.running.last_refusal or "")
    assert desk.running.upstreams["big"].spec.key == "sk-old"
    desk.write("coming", "sk-come")
    await desk.running.reload_if_changed()
    assert (desk.running.upstreams["big"].spec.key, desk.running.last_refusal) == ("sk-come", None)


async def test_a_reload_by_hand_is_not_done_again_by_the_watch(desk: Desk) -> None:
    desk.write("secret", "sk-by-hand")
    await desk.running.reload()
    pipeline = desk.running.pipeline
    await desk.running.reload_if_changed()
    assert desk.running.pipeline is pipeline
