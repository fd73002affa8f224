"""A migrated store in a folder of its own, and a clock wound by hand."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from router.store.sql import SqlStore
from router.store.upgrade import upgrade
from tests.store.records import Clock

Opener = Callable[[], SqlStore]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    upgrade(url)
    return url


@pytest.fixture
def open_store(url: str, clock: Clock) -> Iterator[Opener]:
    """Opens the store of this test, as often as it likes; closes whatever is left open."""
    stores: list[SqlStore] = []

    def opener() -> SqlStore:
        stores.append(SqlStore(url, clock_us=clock))
        return stores[-1]

    yield opener
    for store in stores:
        store.close(timeout_s=2.0)
