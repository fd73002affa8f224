"""What a policy may read of a local upstream's state and pace."""

import pytest

from router.core.pace import Pace
from router.core.resources import RESOURCES, resources_of
from router.core.upstream import UpstreamState
from tests.core.test_pace import ended


def paced() -> Pace:
    pace = Pace()
    pace.note(ended(2000, ttft_ms=500.0), 1000)
    return pace


def test_every_fact_is_there_and_unknown_until_it_is_known() -> None:
    told = resources_of("small", None, None)
    assert told == {f"small.{fact}": None for fact in RESOURCES}


def test_one_that_is_ready_answers_in_its_usual_time() -> None:
    told = resources_of("small", UpstreamState(resident=True, free_slots=2, queue=0, loads_in_s=0.0), paced())
    assert (told["small.resident"], told["small.loading"], told["small.free_slots"]) == (True, False, 2)
    assert (told["small.first_token_s"], told["small.answer_s"]) == (0.5, 2.0)


def test_a_load_comes_first() -> None:
    told = resources_of("small", UpstreamState("loading", resident=False, loads_in_s=12.0), paced())
    assert (told["small.loading"], told["small.first_token_s"], told["small.answer_s"]) == (True, 12.5, 14.0)


@pytest.mark.parametrize(("queue", "slots", "answer_s"), [(0, 2, 3.0), (4, 2, 7.0), (None, None, 3.0)])
def test_who_comes_to_full_slots_waits_for_those_before(queue: int | None, slots: int | None, answer_s: float) -> None:
    state = UpstreamState("busy", slots=slots, free_slots=0, queue=queue)
    assert resources_of("small", state, paced())["small.answer_s"] == answer_s


def test_without_a_pace_nothing_is_predicted() -> None:
    assert resources_of("small", UpstreamState(loads_in_s=3.0), Pace())["small.answer_s"] is None
