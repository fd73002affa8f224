"""The keys that a server must know: every live one, however many."""

from router.store.memory import MemoryStore
from tests.store.records import Clock


def test_every_key_that_is_not_revoked_comes_oldest_first() -> None:
    clock = Clock()
    store = MemoryStore(clock_us=clock)
    for number in range(1_010):
        store.put("keys", {"name": f"key-{number}", "digest": str(number), "revoked": number == 7})
        clock.advance(1)
    names = [row["name"] for row in store.aggregate("keys.live")]
    assert (len(names), names[0], names[-1]) == (1_009, "key-0", "key-1009")
    assert "key-7" not in names
    store.close()
