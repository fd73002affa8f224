"""Nothing that was appended is lost: not to a kill, a lock, a missing table or a bad record."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from router.core.errors import SetupError
from router.core.exchange import Origin
from router.store.sql import SqlStore, journal_of
from router.store.upgrade import head, upgrade
from tests.store.conftest import Opener
from tests.store.records import Clock, closed, ended, opened

ROOT = Path(__file__).parents[2]

# Appends an exchange that ended, and of four that did not the attempts, says so and waits to be killed. Of two of
# these an attempt had ended: the next one's record says so.
DOOMED = """
import sys
from router.store.sql import SqlStore
from tests.store.records import NOON, SECOND, Clock, closed, ended, opened
store = SqlStore(sys.argv[1], clock_us=Clock())
store.append(opened("paid-for", "big", id="a1"))
store.append(opened("at-home", "small", id="a2"))
store.append(opened("fell-back", "big", id="a3"))
store.append(opened("fell-back", "big", id="a4"), [ended("fell-back", "big", id="a3")])
store.append(opened("came-home", "big", id="a5"))
store.append(opened("came-home", "small", id="a6"), [ended("came-home", "big", id="a5")])
store.append(closed("big", id="done"))
if "flushed" in sys.argv:
    store.flush()
print("appended", flush=True)
sys.stdin.read()
"""


def die(url: str, *words: str) -> None:
    """Run the doomed process until it has appended, then kill it as `kill -9` does."""
    process = subprocess.Popen(
        [sys.executable, "-c", DOOMED, url, *words],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"appended\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdin.close()
    process.stdout.close()


@pytest.mark.parametrize("words", [(), ("flushed",)], ids=["still in the journal", "already rows"])
def test_a_killed_process_leaves_every_record_and_what_it_left_open_is_ended(
    url: str, open_store: Opener, clock: Clock, words: tuple[str, ...]
) -> None:
    die(url, *words)
    clock.advance(60)
    store = open_store()
    assert store.flush()
    attempts = {row["id"]: row for row in store.find("attempts")}
    assert len(attempts) == 7
    assert (attempts["a1"]["error"], attempts["a1"]["ended_at"], attempts["a1"]["cost"]) == (
        "interrupted",
        clock(),
        None,
    )
    assert (attempts["a2"]["error"], attempts["a2"]["cost"]) == ("interrupted", 0)
    for known in ("a3", "a5"):
        assert (attempts[known]["error"], attempts[known]["cost"]) == (None, 3_500_000)
    outcomes = {row["id"]: (row["outcome"], row["price_state"], row["cost"]) for row in store.find("exchanges")}
    assert outcomes == {
        "paid-for": ("interrupted", "unknown", None),
        "at-home": ("interrupted", "free", 0),
        "fell-back": ("interrupted", "unknown", None),
        "came-home": ("interrupted", "known", 3_500_000),
        "done": ("answered", "known", 3_500_000),
    }
    assert store.state.interrupted == 4


def test_a_second_restart_finds_nothing_to_do(url: str, open_store: Opener) -> None:
    die(url)
    first = open_store()
    first.flush()
    first.close()
    second = open_store()
    assert second.flush()
    assert second.state.interrupted == 0
    assert len(second.find("attempts")) == 7


def test_a_torn_tail_costs_only_its_own_record(url: str, open_store: Opener, tmp_path: Path) -> None:
    die(url)
    (segment,) = tmp_path.glob("ledger.db.journal.*")
    segment.write_bytes(segment.read_bytes()[:-7])
    store = open_store()
    assert store.flush()
    assert store.state.skipped == 1
    assert {row["id"] for row in store.find("attempts")} == {f"a{nth}" for nth in range(1, 7)}


def test_another_living_process_is_not_interrupted(open_store: Opener) -> None:
    first, second = open_store(), open_store()
    first.append(opened("x"))
    first.flush()
    third = open_store()
    assert second.flush()
    assert third.flush()
    assert [row["ended_at"] for row in third.find("attempts")] == [None]


def test_what_is_still_open_at_a_close_is_ended(open_store: Opener) -> None:
    store = open_store()
    store.append(opened("x", "small"))
    store.close()
    again = open_store()
    assert [row["error"] for row in again.find("attempts")] == ["interrupted"]
    assert [row["outcome"] for row in again.find("exchanges")] == ["interrupted"]


def test_a_count_of_tokens_is_no_exchange_however_it_ended(open_store: Opener) -> None:
    store = open_store()
    store.append(ended("counted", origin=Origin.COUNT))
    store.append(opened("cut-short", origin=Origin.COUNT))
    store.close()
    again = open_store()
    assert {row["exchange"]: row["error"] for row in again.find("attempts")} == {
        "counted": None,
        "cut-short": "interrupted",
    }
    assert again.find("exchanges") == []


def test_a_clean_close_leaves_no_journal(open_store: Opener, tmp_path: Path) -> None:
    store = open_store()
    store.append(closed())
    store.close()
    assert list(tmp_path.glob("*.journal*")) == []


def test_a_ledger_that_was_moved_away_is_begun_anew_in_its_place(open_store: Opener, tmp_path: Path) -> None:
    store = open_store()
    store.append(closed(id="before"))
    store.flush()
    (tmp_path / "ledger.db").rename(tmp_path / "elsewhere.db")
    store.append(closed(id="after"))
    assert store.flush()
    assert [row["id"] for row in store.find("exchanges")] == ["after"]


def test_appends_from_several_threads_are_all_rows(open_store: Opener) -> None:
    store = open_store()

    def append() -> None:
        for _ in range(50):
            store.append(opened("x", "small"))

    threads = [threading.Thread(target=append) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.flush()
    assert len(store.find("attempts")) == 200


def test_a_synced_store_writes_too(url: str, clock: Clock) -> None:
    store = SqlStore(url, clock_us=clock, sync=True)
    store.append(closed())
    assert store.flush()
    assert len(store.find("exchanges")) == 1
    store.close()


def test_a_store_that_is_no_file_must_be_told_where_its_journal_lies() -> None:
    with pytest.raises(SetupError, match="give it a journal"):
        journal_of("postgresql://localhost/ledger")


def test_the_journal_may_lie_elsewhere(url: str, clock: Clock, tmp_path: Path) -> None:
    elsewhere = tmp_path / "spool"
    elsewhere.mkdir()
    store = SqlStore(url, clock_us=clock, journal_path=elsewhere / "ledger")
    store.append(closed())
    assert [path.name.split(".")[0] for path in elsewhere.iterdir()] == ["ledger"]
    store.close()


def test_upgrading_under_a_running_store_changes_nothing(url: str, open_store: Opener) -> None:
    store = open_store()
    assert upgrade(url) == head()
    store.append(closed())
    assert store.flush()
