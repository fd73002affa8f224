"""Paged randomness: the source's bytes, each once, in fewer calls."""

from collections.abc import Callable

from router.runtime.entropy import PAGE, paged


def counting() -> tuple[Callable[[int], bytes], list[int]]:
    """A source whose bytes count up, and the sizes it was asked for."""
    asked: list[int] = []

    def source(n: int) -> bytes:
        start = sum(asked)
        asked.append(n)
        return b"".join((start + i).to_bytes(4) for i in range(n))[:n]

    return source, asked


def test_every_byte_is_handed_out_once_and_in_order() -> None:
    source, asked = counting()
    random_bytes = paged(source)

    got = [random_bytes(8) for _ in range(PAGE // 8)]

    assert asked == [PAGE]
    assert b"".join(got) == counting()[0](PAGE)


def test_a_page_that_is_used_up_is_followed_by_a_fresh_one() -> None:
    source, asked = counting()
    random_bytes = paged(source)

    first, rest, second = random_bytes(8), random_bytes(PAGE - 12), random_bytes(8)

    assert asked == [PAGE, PAGE]
    assert (len(first), len(rest), len(second)) == (8, PAGE - 12, 8)
    assert second not in first + rest


def test_more_than_a_page_is_had_whole() -> None:
    source, asked = counting()

    assert len(paged(source)(3 * PAGE)) == 3 * PAGE
    assert asked == [3 * PAGE]
