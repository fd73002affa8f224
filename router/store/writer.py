"""The thread that turns the journal into rows, and waits while the store is unavailable."""

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from router.core.errors import SetupError
from router.store.fresh import Fresh, Record
from router.store.journal import Batch, Journal, Orphan
from router.store.rows import Rows, decode
from router.store.sink import Sink, interrupt

BATCH = 500
# How long records are gathered before they are written. Rows are promised within 100 ms; the rest is for writing.
LINGER_S = 0.08
BACKOFF_S = (0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class WriterState:
    """The state of the writer. `detail`: the store's last error, empty when all is well.

    `skipped`: torn or altered lines of the journal. `refused`: whole records that no table takes; they are kept in a
    file. `interrupted`: attempts of dead processes that were ended.
    """

    ready: bool = True
    detail: str = ""
    skipped: int = 0
    refused: int = 0
    interrupted: int = 0


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """A record that no table takes, and why."""

    payload: bytes
    reason: str


class Writer:
    """Recovers what dead processes left, then follows the journal until it is told to stop.

    None of this is on a request's path. While the store is locked, full or gone, it tries again with growing pauses and
    the journal grows. `ensure` is called before each try, and puts a store that was moved away back in place.
    """

    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        *,
        clock_us: Callable[[], int],
        refuse: Callable[[RefusedRecord], None],
        ensure: Callable[[], None],
    ) -> None:
        self.state = WriterState()
        self._engine = engine
        self._sink = Sink(engine.dialect)
        self._journal = journal
        self._clock_us = clock_us
        self._refuse = refuse
        self._ensure = ensure
        self._wake = threading.Event()
        self._hurry = threading.Event()
        self._closing = threading.Event()
        self._gave_up = False
        self._caught_up = threading.Condition()
        self._written = 0
        self._fresh = Fresh()
        self._recovered = False
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)

    def start(self, orphans: Iterable[Orphan]) -> None:
        """Start the thread, which begins with the segments of dead processes."""
        self._orphans = list(orphans)
        self._wake.set()
        self._thread.start()

    def hand(self, record: Record) -> None:
        """Hand over a new record. Cheap if the writer already knows that there is work."""
        self._fresh.put(record)
        if not self._wake.is_set():
            self._wake.set()

    def flush(self, end: int, timeout_s: float) -> bool:
        """Wait until every orphan and all records up to `end` are in the tables; False if not within `timeout_s`."""
        self._hurry.set()
        self._wake.set()
        with self._caught_up:
            return self._caught_up.wait_for(lambda: self._recovered and self._written >= end, timeout_s)

    def close(self, timeout_s: float) -> bool:
        """Write what there is and stop; False if the store does not take it within `timeout_s`."""
        self._closing.set()
        self._hurry.set()
        self._wake.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive() and not self._gave_up

    def _run(self) -> None:
        try:
            self._follow()
        finally:
            if not self._closing.is_set():
                self._note(ready=False, detail="the writer has stopped; restart to write what is journalled")

    def _follow(self) -> None:
        self._recover()
        while not self._gave_up:
            self._wake.wait()
            self._hurry.wait(LINGER_S)
            closing = self._closing.is_set()
            self._wake.clear()
            self._hurry.clear()
            self._drain()
            if closing:
                self._retrying(lambda: self._interrupt({self._journal.boot}))
                return

    def _drain(self) -> None:
        """Write what is there now. Records that come meanwhile are gathered first, since each commit has a cost."""
        goal = self._journal.position
        while not self._gave_up and self._written < goal:
            end = self._store_some()
            if end == self._written:
                return
            if not self._gave_up:
                self._advance(end)

    def _store_some(self) -> int:
        """Write the records that were passed in memory, else the next ones of the journal; returns where they end."""
        if fresh := self._fresh.take(self._written, BATCH):
            records = [(record.payload, record.rows) for record in fresh]
            self._retrying(lambda: self._write(records))
            return fresh[-1].end
        batch = self._journal.read(BATCH)
        if batch.end != self._written:
            self._store(batch)
        return batch.end

    def _advance(self, end: int) -> None:
        self._journal.commit(end)
        with self._caught_up:
            self._written = end
            self._caught_up.notify_all()

    def _recover(self) -> None:
        """Replay every orphan and end what its process left open; only then remove it."""
        for orphan in self._orphans:
            for batch in orphan.batches(BATCH):
                self._store(batch)
        boots = {orphan.boot for orphan in self._orphans}
        if boots:
            self._retrying(lambda: self._interrupt(boots))
        for orphan in self._orphans:
            if self._gave_up:
                orphan.release()
            else:
                orphan.remove()
        with self._caught_up:
            self._recovered = not self._gave_up
            self._caught_up.notify_all()

    def _interrupt(self, boots: set[str]) -> None:
        with self._engine.begin() as connection:
            ended = interrupt(connection, boots, self._clock_us())
        self._note(interrupted=self.state.interrupted + ended)

    def _store(self, batch: Batch) -> None:
        self._note(skipped=self.state.skipped + batch.skipped)
        records = [(payload, rows) for payload in batch.payloads if (rows := self._decoded(payload))]
        if records:
            self._retrying(lambda: self._write(records))

    def _decoded(self, payload: bytes) -> Rows | None:
        try:
            return decode(payload)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self._set_aside(payload, f"not a record: {error}")
            return None

    def _write(self, records: list[tuple[bytes, Rows]]) -> None:
        """Write all records in one transaction; if the tables refuse one, write each in its own."""
        try:
            with self._engine.begin() as connection:
                self._sink.write(connection, (rows for _, rows in records))
        except (IntegrityError, DataError, OverflowError, TypeError, ValueError):
            self._write_singly(records)
        except DBAPIError:
            raise
        except StatementError:
            self._write_singly(records)

    def _write_singly(self, records: list[tuple[bytes, Rows]]) -> None:
        for payload, rows in records:
            try:
                with self._engine.begin() as connection:
                    self._sink.write(connection, [rows])
            except (IntegrityError, DataError, OverflowError, TypeError, ValueError) as error:
                self._set_aside(payload, str(error))
            except DBAPIError:
                raise
            except StatementError as error:
                self._set_aside(payload, str(error))

    def _set_aside(self, payload: bytes, reason: str) -> None:
        self._refuse(RefusedRecord(payload, reason))
        self._note(refused=self.state.refused + 1)

    def _retrying(self, action: Callable[[], None]) -> None:
        """Do it, and try again for as long as the store cannot; while closing, only once more."""
        for attempt in range(1 << 62):
            try:
                self._ensure()
                action()
            except (DBAPIError, PoolTimeout, OSError, SetupError) as error:
                self._note(ready=False, detail=str(getattr(error, "orig", error)))
                with suppress(DBAPIError):
                    self._engine.dispose()
                last = self._closing.wait(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
                if last and attempt > 0:
                    self._gave_up = True
                    return
            else:
                if not self.state.ready:
                    self._note(ready=True, detail="")
                return

    def _note(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]
