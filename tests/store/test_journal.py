"""The journal keeps what it took, skips what is torn, and lets go only of what is committed."""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from router.core.errors import LedgerUnwritable
from router.store.journal import Journal, frame, orphans, take, unframe


def lines(data: bytes) -> Iterator[bytes]:
    return iter(data.splitlines(keepends=True))


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db.journal"


def everything(journal: Journal) -> list[bytes]:
    found: list[bytes] = []
    while (batch := journal.read(2)).payloads or batch.skipped:
        found += batch.payloads
        journal.commit(batch.end)
    return found


def test_records_come_back_in_the_order_they_were_appended(base: Path) -> None:
    journal = Journal(base, "boot")
    for number in range(5):
        journal.append(b'{"n":%d}' % number)
    assert everything(journal) == [b'{"n":%d}' % number for number in range(5)]
    assert journal.waiting == 0


def test_a_read_that_is_not_committed_is_read_again(base: Path) -> None:
    journal = Journal(base, "boot")
    journal.append(b"{}")
    assert journal.read(10) == journal.read(10)


def test_a_record_torn_at_any_byte_is_skipped_and_the_others_are_not() -> None:
    first, last = frame(b'{"first":1}'), frame(b'{"last":"\xc3\xa9"}')
    for cut in range(1, len(last)):
        assert take(lines(first + last[:cut]), 10) == ((b'{"first":1}',), 1, len(first) + cut)


def test_a_record_altered_at_any_byte_is_skipped_and_the_others_are_not() -> None:
    first, middle, last = frame(b'{"first":1}'), frame(b'{"middle":2}'), frame(b'{"last":3}')
    for place in range(len(middle) - 1):
        altered = bytearray(middle)
        altered[place] ^= 0x01
        payloads, skipped, _ = take(lines(first + bytes(altered) + last), 10)
        assert payloads == (b'{"first":1}', b'{"last":3}')
        assert skipped >= 1


def test_a_checksum_in_capitals_is_not_ours() -> None:
    assert unframe(frame(b"{}").upper()) is None


def test_segments_go_when_committed_and_not_before(base: Path) -> None:
    journal = Journal(base, "boot", segment_bytes=40)
    for _ in range(6):
        journal.append(b'{"filler":"0123456789"}')
    made = sorted(base.parent.iterdir())
    assert len(made) > 2
    journal.commit(journal.read(1).end)
    assert sorted(base.parent.iterdir()) == made
    everything(journal)
    assert sorted(base.parent.iterdir()) == made[-1:]
    journal.close()
    assert list(base.parent.iterdir()) == []


def test_a_close_keeps_what_is_not_committed(base: Path) -> None:
    journal = Journal(base, "boot")
    journal.append(b"{}")
    journal.close()
    (orphan,) = orphans(base)
    assert [batch.payloads for batch in orphan.batches(10)] == [(b"{}",)]
    orphan.remove()
    assert orphans(base) == []


def test_a_living_process_has_no_orphans(base: Path) -> None:
    journal = Journal(base, "boot")
    journal.append(b"{}")
    assert orphans(base) == []
    journal.close()


def test_files_that_are_no_segments_are_left_alone(base: Path) -> None:
    for name in ("ledger.db", "ledger.db.journal.refused", "ledger.db.journal.boot.000001.new", "other.boot.000001"):
        (base.parent / name).write_bytes(b"mine")
    assert orphans(base) == []


def test_only_the_owner_may_read_a_segment(base: Path) -> None:
    journal = Journal(base, "boot")
    journal.append(b"{}")
    (segment,) = base.parent.iterdir()
    assert segment.stat().st_mode & 0o777 == 0o600
    journal.close()


@contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    """A disk that is full at `size` bytes, by the system's own limit: a longer write is cut short."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_full_disk_is_an_error_and_nothing_half_written_stays(base: Path) -> None:
    journal = Journal(base, "boot")
    journal.append(b'{"n":1}')
    before = journal.position
    with files_no_longer_than(before + 5), pytest.raises(LedgerUnwritable, match="free some space"):
        journal.append(b'{"n":2}')
    assert (journal.position, journal.lost) == (before, 1)
    journal.append(b'{"n":3}')
    assert everything(journal) == [b'{"n":1}', b'{"n":3}']


def test_a_folder_that_is_gone_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "gone" / "ledger.db.journal", "boot")
    with pytest.raises(LedgerUnwritable, match="No such file"):
        journal.append(b"{}")
    os.mkdir(tmp_path / "gone")
    assert journal.append(b"{}")[1] > 0
    journal.close()


def test_a_synced_journal_takes_records_too(base: Path) -> None:
    journal = Journal(base, "boot", sync=True)
    journal.append(b"{}")
    assert everything(journal) == [b"{}"]


@contextmanager
def unsyncable(path: Path) -> Iterator[int]:
    """A pipe in the place of a file: it takes every write, and neither `fsync` nor a shorter length."""
    os.mkfifo(path)
    reading = os.open(path, os.O_RDWR)
    try:
        yield reading
    finally:
        os.close(reading)


def test_a_sync_that_fails_is_an_error_and_the_next_record_goes_into_another_file(base: Path) -> None:
    journal = Journal(base, "boot", sync=True)
    with unsyncable(base.with_name(f"{base.name}.boot.000001.new")) as pipe:
        with pytest.raises(LedgerUnwritable, match="Invalid argument"):
            journal.append(b'{"n":1}')
        assert os.read(pipe, 100) == frame(b'{"n":1}')  # it was written, and nobody knows whether it is on disk
    assert (journal.position, journal.lost, journal.waiting) == (0, 1, 0)
    journal.append(b'{"n":2}')
    assert [path.name for path in base.parent.iterdir()] == [f"{base.name}.boot.000002"]
    assert everything(journal) == [b'{"n":2}']
    journal.close()
    assert list(base.parent.iterdir()) == []


def test_a_sync_that_fails_takes_nothing_back_that_was_there_before(base: Path) -> None:
    journal = Journal(base, "boot", sync=True, segment_bytes=1)
    journal.append(b'{"n":1}')
    with unsyncable(base.with_name(f"{base.name}.boot.000002.new")), pytest.raises(LedgerUnwritable):
        journal.append(b'{"n":2}')
    journal.append(b'{"n":3}')
    assert everything(journal) == [b'{"n":1}', b'{"n":3}']
    journal.close()


def test_a_disk_that_stays_full_costs_no_file_a_try(base: Path) -> None:
    journal = Journal(base, "boot", sync=True)
    with files_no_longer_than(0):
        for _ in range(5):
            with pytest.raises(LedgerUnwritable):
                journal.append(b"{}")
    assert (journal.lost, len(list(base.parent.iterdir()))) == (5, 1)
    journal.append(b"{}")
    assert everything(journal) == [b"{}"]
    journal.close()


def test_what_was_refused_is_not_replayed_should_the_process_die(base: Path) -> None:
    journal = Journal(base, "boot")
    journal.append(b'{"n":1}')
    with files_no_longer_than(journal.position + 5), pytest.raises(LedgerUnwritable):
        journal.append(b'{"n":2}')
    (segment,) = base.parent.iterdir()
    assert segment.read_bytes() == frame(b'{"n":1}')
    journal.close()
