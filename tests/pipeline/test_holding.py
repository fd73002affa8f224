"""What is held back for judges by a crowd of calls is bounded, and the large ones make room."""

import pytest

from router.pipeline.holding import AN_EVENT, HELD_IN_ALL, HELD_LIMIT, Holding, weight_of
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import chat, open_call

MB = 2**20


def test_one_call_may_hold_so_much_and_no_more() -> None:
    holding = Holding()
    assert holding.take(0, HELD_LIMIT) is None
    assert "takes over 67,108,864 bytes" in str(holding.take(HELD_LIMIT, 1))


def test_over_the_limit_of_all_the_large_fail_and_the_small_go_on() -> None:
    holding = Holding()
    for _ in range(20):
        assert holding.take(0, 6 * MB) is None
    assert holding.take(0, MB) is None
    assert holding.take(6 * MB, 16 * MB) is not None
    assert holding.take(MB, MB) is None


def test_what_is_let_go_makes_room_again() -> None:
    holding = Holding()
    for _ in range(2):
        holding.take(0, HELD_LIMIT)
    for _ in range(2):
        holding.free(HELD_LIMIT)
    holding.free(0)
    assert (holding.bytes, holding.calls) == (0, 0)


@pytest.mark.parametrize("number", [5, 50])
def test_no_number_of_calls_holds_more_than_twice_the_limit(number: int) -> None:
    holding, kept, most = Holding(), [0] * number, 0
    for turn in range(number * 100):
        which = turn % number if turn % 3 else turn // 7 % number  # some come faster than others
        failed = holding.take(kept[which], MB)
        kept[which] += MB
        if failed:
            holding.free(kept[which])
            kept[which] = 0
        most = max(most, sum(kept))
    assert most == max(most, holding.bytes) <= 2 * HELD_IN_ALL


async def test_a_call_that_failed_holds_nothing(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.cuts(after=2)
    deps = make_deps(small, scripted())
    broken = open_call(deps, chat(stream=True))
    await broken.run(lambda event: None)
    assert broken.attempt.error == "stream_interrupted"
    assert (deps.holding.bytes, deps.holding.calls) == (0, 0)


def test_what_judges_read_of_an_event_counts_though_the_client_never_sees_it() -> None:
    said = b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'
    event = said.replace(b'"delta"', b'"logprobs":{"content":[{"token":"a","top_logprobs":[]}]},"delta"')
    assert weight_of(said, said) == len(said) + AN_EVENT
    assert weight_of(event, said) > 5 * len(event)
