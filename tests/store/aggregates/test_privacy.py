"""Rows of the privacy aggregates: what counts as seen, as gone, and as strayed."""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from router.store.memory import MemoryStore
from tests.store.records import NOON, Clock, closed


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    made = MemoryStore(clock_us=Clock())
    yield made
    made.close()


def put(store: MemoryStore, upstream: str, egress: str, attempt: dict[str, Any], **fields: Any) -> None:
    """An exchange whose call went `egress`, with more of the attempt's own fields."""
    made = closed(upstream, **fields)
    made.attempts = [replace(a, egress=egress, local=egress == "loopback", **attempt) for a in made.attempts]
    store.append(made)


def test_a_processor_is_a_place_an_upstream_a_model_and_a_reason_to_ask(store: MemoryStore) -> None:
    put(store, "small", "loopback", {"host": "127.0.0.1:1"}, tags={"team": "legal"})
    put(store, "big", "remote", {"host": "api.example"}, signals={"has_pii": True})
    put(store, "big", "remote", {"host": "api.example"}, signals={"has_pii": None})
    rows = store.aggregate("privacy.processors", by="tag.team")
    told = [(row["group"], row["egress"], row["requests"], row["detected"], row["unsearched"]) for row in rows]
    assert told == [("", "remote", 2, 1, 1), ("legal", "loopback", 1, 0, 1)]


@pytest.mark.parametrize(
    ("egress", "attempt", "fields", "gone"),
    [
        ("loopback", {"local_only": True}, {"local_only": True}, 0),
        ("remote", {"local_only": True}, {"local_only": True}, 1),
        ("unchecked", {"local_only": True}, {"local_only": True}, 1),
        ("remote", {}, {"local_only": True}, 1),
        ("remote", {}, {}, 0),
        ("remote", {"local_only": True, "error": "unreachable"}, {}, 0),
        ("remote", {"local_only": True, "error": "timeout_total"}, {}, 1),
    ],
)
def test_what_had_to_stay_and_was_sent_out_is_gone(
    egress: str, attempt: dict[str, Any], fields: dict[str, Any], gone: int, store: MemoryStore
) -> None:
    put(store, "big", egress, attempt, **fields)
    assert len(store.aggregate("privacy.left")) == gone


def test_a_tag_is_read_from_the_call_or_from_its_exchange(store: MemoryStore) -> None:
    put(store, "big", "remote", {"tags": {"team": "legal"}})
    put(store, "big", "remote", {}, tags={"team": "legal"})
    put(store, "big", "remote", {}, tags={"team": "other"})
    (row,) = store.aggregate("privacy.strayed", tag="team", value="legal", allowed=("small",))
    assert (row["requests"], row["tokens_in"]) == (2, 2000)
    assert store.aggregate("privacy.strayed", tag="team", value="legal", allowed=("big",)) == []


def test_each_of_several_values_of_a_tag_is_held_to_its_list(store: MemoryStore) -> None:
    put(store, "big", "remote", {"tags": {"team": "search,legal"}})
    put(store, "big", "remote", {"tags": {"team": "legal2,illegal"}})
    (row,) = store.aggregate("privacy.strayed", tag="team", value="legal", allowed=("small",))
    assert row["requests"] == 1


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({"Team": "Legal"}, 1),
        ({"app": "mail", "TEAM": '"legal"'}, 1),
        ({"team": "search,'LEGAL'"}, 1),
        ({"team": "paralegal"}, 0),
        ({"app": "legal"}, 0),
        ({"steam": "legal"}, 0),
    ],
)
def test_a_pair_is_the_lists_however_it_is_written_as_requests_are_held_to_it(
    tags: dict[str, str], found: int, store: MemoryStore
) -> None:
    put(store, "big", "remote", {"tags": tags})
    put(store, "big", "remote", {}, tags=tags)
    rows = store.aggregate("privacy.strayed", tag="team", value="legal", allowed=("small",))
    assert sum(row["requests"] for row in rows) == 2 * found


def test_the_period_is_that_of_the_requests(store: MemoryStore) -> None:
    put(store, "big", "", {}, started_at=NOON)
    (row,) = store.aggregate("privacy.unproven", since_us=NOON, until_us=NOON + 1)
    assert (row["calls"], row["before"], row["open"], row["unsent"]) == (1, 1, 0, 0)
    (row,) = store.aggregate("privacy.unproven", since_us=NOON + 1)
    assert row["calls"] == 0
