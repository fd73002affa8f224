"""How a question is put: in taught words or in others, plainly or politely."""

from random import Random

from router.builtin.draft import Wordings, politely

WAYS = Wordings(taught=("a", "b"), shifted=("c", "d"))


def test_shifted_wordings_are_never_the_taught_ones() -> None:
    rng = Random(1)
    assert {WAYS.pick(rng, False) for _ in range(40)} == {"a", "b"}
    assert {WAYS.pick(rng, True) for _ in range(40)} == {"c", "d"}


def test_politeness_goes_around_the_ask_and_leaves_it_whole() -> None:
    rng = Random(1)
    asks = {politely(rng, "What is 2+2?") for _ in range(100)}
    assert "What is 2+2?" in asks
    assert len(asks) > 10
    assert all("What is 2+2?" in ask for ask in asks)
