"""The writer's short cut: new records are handed over in memory, so that nothing is read back and parsed."""

from collections import deque

from msgspec import Struct

from router.store.rows import Rows

LIMIT = 2_000


class Record(Struct, frozen=True):
    """One record: its positions in the journal, its payload, and its rows."""

    start: int
    end: int
    payload: bytes
    rows: Rows


class Fresh:
    """A bounded queue from the hot path to the writer's thread.

    Records that do not fit or come out of order are left out, and the writer reads them from the journal. So a store
    that is unavailable for an hour still costs disk and not memory.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._records: deque[Record] = deque()

    def put(self, record: Record) -> None:
        """Add a record that was appended to the journal; never waits."""
        if len(self._records) < self._limit:
            self._records.append(record)

    def take(self, position: int, limit: int) -> list[Record]:
        """At most `limit` consecutive records from `position` on; empty if the next one is not here."""
        taken: list[Record] = []
        records = self._records
        while records and len(taken) < limit:
            first = records[0]
            if first.end > position and first.start != position:
                break
            records.popleft()
            if first.start == position:
                taken.append(first)
                position = first.end
        return taken
