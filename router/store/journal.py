"""The append-only journal beside the store, where every record is written first.

A record is one line, `crc32 length payload`, written by a single `write` to a file opened for appending, so killing the
process cannot undo it. A line that is torn or altered fails its checksum and is skipped alone, since the payload (JSON)
contains no newline. The journal is also the queue of the thread that makes rows: a store that is unavailable for an
hour costs disk and not memory.

A process writes a series of segments, `BASE.BOOT.000001` and on, and holds a lock on each. A segment is removed when
its rows are committed. A segment that nobody locks belongs to a dead process.
"""

import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from errno import ENOSPC
from pathlib import Path
from zlib import crc32

from router.core.errors import LedgerUnwritable

SEGMENT_BYTES = 4 << 20
CHUNK_BYTES = 256 << 10


@dataclass(frozen=True, slots=True)
class Batch:
    """Payloads in the order they were appended, and how many lines were skipped because they are no records.

    `end` is the position to pass to `Journal.commit`; that of an empty batch is where it began.
    """

    payloads: tuple[bytes, ...]
    skipped: int
    end: int


@dataclass(slots=True)
class _Segment:
    path: Path
    fd: int
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


class Journal:
    """This process's own segments, with one appender at a time and one reader.

    Positions count bytes since this process began and never go back; `position` is the end of the last record appended.
    """

    def __init__(self, base: Path, boot: str, *, sync: bool = False, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.boot = boot
        self._base = base
        self._sync = sync
        self._segment_bytes = segment_bytes
        self._lock = threading.Lock()
        self._segments: deque[_Segment] = deque()
        self._full = 0  # from this position on, records go into another segment
        self._made = 0
        self._committed = 0
        self.position = 0
        self.lost = 0

    @property
    def waiting(self) -> int:
        """Bytes appended and not yet committed."""
        return self.position - self._committed

    def append(self, payload: bytes) -> tuple[int, int]:
        """Write one record and return where it starts and ends: one `write`, and an `fsync` if the journal is `sync`.

        Raises LedgerUnwritable if the disk takes no more. The record then counts as `lost`, what was written of it is
        cut off, and the next append tries again, in another segment if this one may be the cause.
        """
        line = frame(payload)
        with self._lock:
            try:
                segment = self._segments[-1] if self.position < self._full else self._another()
                self._put(segment, line)
            except OSError as error:
                self.lost += 1
                why = f"cannot be written: {error.strerror}; free some space or repair the disk"
                raise LedgerUnwritable(f"the journal {self._base.name} {why}") from error
            start = self.position
            segment.end = self.position = start + len(line)
            return start, self.position

    def read(self, limit: int) -> Batch:
        """At most `limit` records after the last commit; only those that `append` has finished."""
        with self._lock:
            place = next(((s.path, s.start, s.size) for s in self._segments if s.end > self._committed), None)
        if place is None:
            return Batch((), 0, self._committed)
        path, start, size = place
        offset = self._committed - start
        taken, skipped, used = take(_lines(path, offset, size), limit)
        return Batch(taken, skipped, self._committed + used)

    def commit(self, end: int) -> None:
        """Note that everything before `end` is committed as rows, and remove finished segments."""
        with self._lock:
            self._committed = end
            while len(self._segments) > 1 and self._segments[0].end <= end:
                self._remove(self._segments.popleft())

    def close(self) -> None:
        """Close all segments. Those that are committed are removed; the others stay for the next start."""
        with self._lock:
            while self._segments:
                segment = self._segments.popleft()
                if segment.end <= self._committed:
                    self._remove(segment)
                else:
                    os.close(segment.fd)
            self._full = self.position

    def _put(self, segment: _Segment, line: bytes) -> None:
        """Write the line at the end of `segment`. Raises OSError, after cutting off what was written of it."""
        try:
            if os.write(segment.fd, line) != len(line):
                raise OSError(ENOSPC, os.strerror(ENOSPC).lower())
        except OSError:
            self._take_back(segment)
            raise
        if self._sync:
            try:
                os.fsync(segment.fd)
            except OSError:
                self._take_back(segment)
                self._leave(segment)  # after a failed fsync it is not known what part of this file is on disk
                raise

    def _another(self) -> _Segment:
        path = self._base.with_name(f"{self._base.name}.{self.boot}.{self._made + 1:06d}")
        # It is locked before it gets its name, so that a process that starts now does not take it for an orphan.
        unnamed = path.with_name(path.name + ".new")
        fd = os.open(unnamed, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            unnamed.rename(path)
        except OSError:
            os.close(fd)
            raise
        segment = _Segment(path, fd, self.position, self.position)
        self._made += 1
        self._segments.append(segment)
        self._full = self.position + self._segment_bytes
        return segment

    def _take_back(self, segment: _Segment) -> None:
        """Cut off what a failed write left behind, so that the next record starts on its own line."""
        try:
            os.ftruncate(segment.fd, segment.size)
        except OSError:
            self._leave(segment)  # what is left there is a torn line, which a replay skips

    def _leave(self, segment: _Segment) -> None:
        """Write no more records here. An empty segment is removed at once, as every try would leave another."""
        self._full = self.position
        if not segment.size and self._segments and self._segments[-1] is segment:
            with suppress(OSError):
                self._remove(self._segments.pop())

    def _remove(self, segment: _Segment) -> None:
        # Unlinked while still locked, so that nobody finds it unlocked and replays it.
        try:
            segment.path.unlink(missing_ok=True)
        finally:
            os.close(segment.fd)


@dataclass(frozen=True, slots=True)
class Orphan:
    """A segment whose process is dead. This process holds its lock until `remove` or `release`."""

    path: Path
    boot: str
    fd: int

    def batches(self, limit: int) -> Iterator[Batch]:
        """All its records in order, at most `limit` in each batch."""
        yield from whole(self.path, limit)

    def remove(self) -> None:
        """Delete it, once its rows are committed."""
        with suppress(FileNotFoundError):
            self.path.unlink()
        os.close(self.fd)

    def release(self) -> None:
        """Leave it to the next start."""
        os.close(self.fd)


def whole(path: Path, limit: int) -> Iterator[Batch]:
    """All records of a segment as it is now, in order, at most `limit` in each batch."""
    lines, end = _lines(path, 0, path.stat().st_size), 0
    while True:
        payloads, skipped, used = take(lines, limit)
        if not used:
            return
        end += used
        yield Batch(payloads, skipped, end)


def segments(base: Path) -> list[Path]:
    """The segments beside `base`, oldest first, of living processes and dead ones."""
    paths = sorted(base.parent.glob("*"))
    return [path for path in paths if path.name.startswith(f"{base.name}.") and _boot_in(path, base)]


def _boot_in(path: Path, base: Path) -> str:
    """The boot in the name of a segment; "" if `path` is not one."""
    boot, _, number = path.name.removeprefix(f"{base.name}.").rpartition(".")
    return boot if number.isdigit() else ""


def orphans(base: Path) -> list[Orphan]:
    """The segments beside `base` that no living process holds, oldest first; this process locks them."""
    found = []
    for path in segments(base):
        try:
            fd = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            continue
        if _try_lock(fd) and path.exists():
            found.append(Orphan(path, _boot_in(path, base), fd))
        else:
            os.close(fd)
    return found


def _try_lock(fd: int) -> bool:
    """Whether this process could lock the file. The system releases a lock when its holder dies, however it dies."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def frame(payload: bytes) -> bytes:
    """The line of one record: eight hex digits of CRC-32, the length in decimal, the payload."""
    return b"%08x %d %b\n" % (crc32(payload), len(payload), payload)


def unframe(line: bytes) -> bytes | None:
    """The payload of a line; None if the line is torn or altered."""
    checksum, _, rest = line.partition(b" ")
    length, _, payload = rest.removesuffix(b"\n").partition(b" ")
    whole = line.endswith(b"\n") and length == b"%d" % len(payload) and checksum == b"%08x" % crc32(payload)
    return payload if whole else None


def take(lines: Iterator[bytes], limit: int) -> tuple[tuple[bytes, ...], int, int]:
    """Take at most `limit` lines: their intact payloads, how many were not intact, and how many bytes were taken."""
    payloads: list[bytes] = []
    skipped = used = 0
    while len(payloads) + skipped < limit:
        line = next(lines, None)
        if line is None:
            break
        used += len(line)
        payload = unframe(line)
        if payload is None:
            skipped += 1
        else:
            payloads.append(payload)
    return tuple(payloads), skipped, used


def _lines(path: Path, start: int, size: int) -> Iterator[bytes]:
    """The lines of a file between two offsets, the last one perhaps without its newline."""
    rest = b""
    with path.open("rb") as file:
        file.seek(start)
        left = size - start
        while left > 0:
            chunk = file.read(min(CHUNK_BYTES, left))
            if not chunk:
                break
            left -= len(chunk)
            *whole, rest = (rest + chunk).split(b"\n")
            yield from (line + b"\n" for line in whole)
    if rest:
        yield rest
