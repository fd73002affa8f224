"""The pause: a file that outlives processes, and pauses everyone when nobody can read it."""

from pathlib import Path

import pytest

from router.pipeline.pause import EVERYONE, Pause, pause_file


@pytest.fixture
def pause(tmp_path: Path) -> Pause:
    return Pause(tmp_path / "smallfirst.paused")


def test_nobody_is_paused_until_someone_is(pause: Pause) -> None:
    assert pause.refresh() is False
    assert not pause.covers("ada")


def test_a_pause_of_everyone_covers_every_key(pause: Pause) -> None:
    pause.set()
    assert pause.covers("ada")
    assert pause.covers("open")


def test_a_pause_of_one_key_covers_that_one_alone(pause: Pause) -> None:
    pause.set("ada")
    assert pause.covers("ada")
    assert not pause.covers("bob")


def test_another_process_sees_it_at_its_next_look_and_not_before(pause: Pause) -> None:
    other = Pause(pause.path)
    pause.set("ada")
    assert not other.covers("ada")
    assert other.refresh() is True
    assert other.covers("ada")
    assert other.refresh() is False


def test_pauses_add_up_and_end_one_by_one(pause: Pause) -> None:
    pause.set("ada")
    Pause(pause.path).set("bob")
    pause.clear("ada")
    assert (pause.covers("ada"), pause.covers("bob")) == (False, True)


def test_resuming_everyone_ends_every_pause_and_leaves_no_file(pause: Pause) -> None:
    pause.set("ada")
    pause.set(EVERYONE)
    pause.clear()
    assert pause.keys == frozenset()
    assert list(pause.path.parent.iterdir()) == []


def test_resuming_what_is_not_paused_does_nothing(pause: Pause) -> None:
    pause.clear("ada")
    pause.clear()
    assert not pause.covers("ada")


@pytest.mark.parametrize("content", [b"{not json", b"\xff", b"5", b"[[]]", b"[1]", b"{}", b'"x"', b"[" * 100_000, b""])
def test_a_file_that_cannot_be_read_pauses_everyone_for_the_safe_side(pause: Pause, content: bytes) -> None:
    pause.path.write_bytes(content)
    pause.refresh()
    assert pause.covers("ada")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:////var/lib/sf/ledger.db", "/var/lib/sf/ledger.db.paused"),
        ("memory", "/etc/sf/smallfirst.paused"),
        ("postgresql://db/ledger", "/etc/sf/smallfirst.paused"),
        ("sqlite://", "/etc/sf/smallfirst.paused"),
    ],
)
def test_it_lies_beside_a_sqlite_ledger_else_beside_the_config(url: str, name: str) -> None:
    assert pause_file(url, Path("/etc/sf")) == Path(name)
