"""`smallfirst pause` and `resume`: a file, so that they work when nothing else does."""

import pytest

from router.cli import keys, pause
from router.pipeline.pause import Pause
from tests.cli.conftest import PAIR, Shell


@pytest.fixture
def desk(shell: Shell) -> Shell:
    shell.write()
    return shell


def in_force(shell: Shell) -> Pause:
    (path,) = shell.folder.glob("*.paused")
    found = Pause(path)
    found.refresh()
    return found


def test_a_pause_covers_everyone_and_says_how_it_ends(desk: Shell) -> None:
    said = desk.run(pause, "pause")
    assert said.status == 0
    assert "paused: within a second everything goes to the baseline" in said.out
    assert "smallfirst resume" in said.out
    assert in_force(desk).covers("ada")


def test_a_pause_of_one_key_leaves_the_others(desk: Shell) -> None:
    assert "'ada'" in desk.run(pause, "pause", "--key", "ada").out
    assert (in_force(desk).covers("ada"), in_force(desk).covers("bob")) == (True, False)


def test_a_key_that_nobody_has_is_told_and_nothing_is_paused(desk: Shell) -> None:
    desk.run(keys, "keys", "add", "ada")
    said = desk.run(pause, "pause", "--key", "adda")
    assert (said.status, said.err) == (1, "smallfirst pause: no key is called 'adda'; did you mean 'ada'?\n")
    assert list(desk.folder.glob("*.paused")) == []
    assert desk.run(pause, "pause", "--key", "ada").status == 0
    desk.run(keys, "keys", "revoke", "ada")
    assert desk.run(pause, "pause", "--key", "ada").status == 1


def test_where_the_ledger_cannot_be_read_a_key_is_paused_unseen(desk: Shell) -> None:
    (desk.folder / "smallfirst.db").write_bytes(b"this is no database")
    said = desk.run(pause, "pause", "--key", "ada")
    assert said.status == 0
    assert "'ada' was not looked up" in said.err
    assert in_force(desk).covers("ada")


def test_resuming_takes_the_file_away(desk: Shell) -> None:
    desk.run(pause, "pause")
    assert desk.run(pause, "resume").status == 0
    assert list(desk.folder.glob("*.paused")) == []


def test_resuming_one_key_while_everyone_is_paused_says_that_it_changed_nothing(desk: Shell) -> None:
    desk.run(pause, "pause")
    said = desk.run(pause, "resume", "--key", "ada")
    assert said.status == 1
    assert "still paused" in said.out
    assert "without --key" in said.out


def test_resuming_what_is_not_paused_is_done_at_once(desk: Shell) -> None:
    assert desk.run(pause, "resume").status == 0


def test_it_needs_neither_store_nor_classifier(shell: Shell) -> None:
    (shell.folder / "broken").mkdir()
    (shell.folder / "smallfirst.db").write_bytes(b"this is no database")
    shell.write(PAIR + "classifier: {artifact: broken}\n")
    assert shell.run(pause, "pause").status == 0
    assert in_force(shell).covers("ada")
    assert (shell.folder / "smallfirst.db").read_bytes() == b"this is no database"


def test_it_works_without_the_servers_variables_and_while_the_file_has_a_mistake(shell: Shell) -> None:
    shell.write("lisen: {}\nupstreams: {big: {kind: opena, key: '${NOBODY_SET_THIS}'}}\n")
    assert shell.run(keys, "keys", "add", "ada").status == 0
    assert shell.run(pause, "pause", "--key", "ada").status == 0
    assert in_force(shell).covers("ada")
    assert shell.run(keys, "keys", "revoke", "ada").status == 0
    assert shell.run(pause, "resume").status == 0
