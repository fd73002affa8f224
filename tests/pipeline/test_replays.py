"""Named requests: under way, answered, forgotten, and never more than there is room for."""

import pytest

from router.core.errors import Conflict, Unprocessable
from router.pipeline.replays import KEPT_US, MAX_ANSWER, MAX_BYTES, MAX_ENTRIES, Answer, Keeping, Replays
from router.pipeline.sink import Start
from tests.pipeline.parts import Client
from tests.store.records import Clock

SAID = Answer(Start(200, "application/json", {}, 2), b"ok")


@pytest.fixture
def replays() -> Replays:
    return Replays(Clock())


def answered(replays: Replays, name: str, answer: Answer = SAID) -> None:
    assert replays.begin("ada", name, b"body") is None
    replays.keep("ada", name, answer)


def test_what_was_answered_is_told_again(replays: Replays) -> None:
    answered(replays, "one")
    assert replays.begin("ada", "one", b"body") == SAID
    assert replays.begin("bob", "one", b"body") is None


def test_what_is_under_way_is_a_conflict_that_says_when_to_ask_again(replays: Replays) -> None:
    replays.begin("ada", "one", b"body")
    with pytest.raises(Conflict) as refused:
        replays.begin("ada", "one", b"body")
    assert (refused.value.status, refused.value.headers["retry-after"]) == (409, "1")


@pytest.mark.parametrize("ended", [True, False])
def test_another_body_under_the_same_name_is_refused(replays: Replays, ended: bool) -> None:
    replays.begin("ada", "one", b"body")
    if ended:
        replays.keep("ada", "one", SAID)
    with pytest.raises(Unprocessable) as refused:
        replays.begin("ada", "one", b"another")
    assert refused.value.status == 422


def test_what_came_to_nothing_is_served_anew(replays: Replays) -> None:
    replays.begin("ada", "one", b"body")
    replays.forget("ada", "one")
    assert replays.begin("ada", "one", b"another") is None


def test_after_a_day_a_name_is_free_again() -> None:
    clock = Clock()
    replays = Replays(clock)
    answered(replays, "one")
    clock.advance(KEPT_US / 1e6 - 1)
    assert replays.begin("ada", "one", b"body") == SAID
    clock.advance(1)
    assert replays.begin("ada", "one", b"another") is None


def test_the_oldest_answer_makes_room_and_nothing_that_is_under_way(replays: Replays) -> None:
    replays.begin("ada", "under way", b"body")
    for number in range(MAX_ENTRIES):
        answered(replays, str(number))
    assert replays.begin("ada", "0", b"another") is None
    assert replays.begin("ada", str(MAX_ENTRIES - 1), b"body") == SAID
    with pytest.raises(Conflict):
        replays.begin("ada", "under way", b"body")


def test_answers_together_have_64_megabytes(replays: Replays) -> None:
    large = Answer(SAID.start, bytes(MAX_ANSWER))
    for number in range(MAX_BYTES // MAX_ANSWER + 1):
        answered(replays, str(number), large)
    assert replays.begin("ada", "0", b"another") is None
    assert replays.begin("ada", "1", b"body") == large


def test_an_answer_too_large_to_keep_is_not_given_twice(replays: Replays) -> None:
    answered(replays, "one", Answer(SAID.start, None))
    with pytest.raises(Conflict) as refused:
        replays.begin("ada", "one", b"body")
    assert refused.value.headers == {"x-should-retry": "false"}


async def test_a_keeping_sink_passes_everything_on_and_keeps_it() -> None:
    client = Client()
    keeping = Keeping(client)
    assert keeping.answer() is None
    await keeping.start(SAID.start)
    await keeping.send(b"o")
    await keeping.send(b"k")
    await keeping.end()
    assert keeping.answer() == SAID
    assert (client.head, client.body, client.ended) == (SAID.start, b"ok", True)


async def test_what_is_too_large_is_passed_on_and_not_kept() -> None:
    client = Client()
    keeping = Keeping(client)
    await keeping.start(SAID.start)
    await keeping.send(bytes(MAX_ANSWER))
    await keeping.send(b"!")
    assert keeping.answer() == Answer(SAID.start, None)
    assert len(client.body) == MAX_ANSWER + 1
