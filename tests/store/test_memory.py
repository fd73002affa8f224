"""The ledger without a file: each is its own, and gone with its process; the contract is tried on it elsewhere."""

from router.store.memory import MemoryStore
from tests.store.records import Clock, closed


def test_two_of_them_share_nothing() -> None:
    one, other = MemoryStore(clock_us=Clock()), MemoryStore(clock_us=Clock())
    one.append(closed())
    assert (len(one.find("exchanges")), len(other.find("exchanges"))) == (1, 0)
    one.close()
    other.close()


def test_what_is_appended_is_a_row_at_once_and_nothing_waits() -> None:
    store = MemoryStore(clock_us=Clock())
    store.append(closed())
    assert (len(store.find("exchanges")), len(store.find("attempts"))) == (1, 1)
    assert (store.state.ready, store.state.waiting_bytes) == (True, 0)
    store.close()
