"""A ledger in memory and the day it covers."""

from collections.abc import Iterator

import pytest

from router.reports.question import Question
from router.store.memory import MemoryStore
from tests.store.records import NOON, SECOND, Clock

DAY = 86_400 * SECOND
TODAY = Question(NOON - DAY, NOON + DAY)


@pytest.fixture
def ledger() -> Iterator[MemoryStore]:
    store = MemoryStore(clock_us=Clock())
    yield store
    store.close()
