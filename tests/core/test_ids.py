"""UUIDv7: the time first, so that ids sort; the rest chance."""

import os
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from router.core.ids import uuid7

MOMENTS = st.integers(0, 2**48 * 1000 - 1)


def zeros(n: int) -> bytes:
    return bytes(n)


def test_the_example_of_the_rfc_comes_out_to_the_millisecond() -> None:
    # RFC 9562, A.6: 2022-02-22 19:22:22 UTC is 017F22E2-79B0-7...
    made = uuid7(1_645_557_742_000_000, zeros)
    assert made.startswith("017f22e2-79b0-7000-8")


@given(MOMENTS)
def test_every_id_is_a_version_7_uuid_of_the_rfcs_variant(now_us: int) -> None:
    made = UUID(uuid7(now_us, os.urandom))
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == now_us // 1000


@given(MOMENTS, MOMENTS)
def test_ids_sort_as_their_moments_do(one: int, other: int) -> None:
    ids = (uuid7(one, zeros), uuid7(other, zeros))
    assert (ids[0] < ids[1]) == (one < other)


def test_two_ids_of_one_moment_differ_by_chance() -> None:
    assert uuid7(5, os.urandom) != uuid7(5, os.urandom)
