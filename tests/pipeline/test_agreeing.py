"""What a small answer is worth when nobody grades it: as much as the baseline's where it says the same."""

from typing import Any

import pytest

from router.core.exchange import ESCALATE, Exchange, Reason, Verdict
from router.core.ports import Answer
from router.pipeline.agreeing import answer_of, compared, labels_of
from router.pipeline.calls import OpenCall
from router.pipeline.dependencies import Dependencies
from router.pipeline.planned_call import PlannedCall
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import SORRY, chat, opened_exchange

SUM = "What is 6 times 7? Answer with a number."
POEM = "Write a poem about the sea."


async def answered(deps: Dependencies, exchange: Exchange, ask: str, *upstreams: str) -> dict[int, OpenCall]:
    """Calls that have come to their end."""
    calls: dict[int, OpenCall] = {}
    for number, name in enumerate(upstreams):
        calls[number] = OpenCall(deps, exchange, chat(ask), PlannedCall(number, 0, name, Reason.FIRST, held=False))
        await calls[number].run(lambda event: None)
    return calls


async def labels(
    deps: Dependencies, ask: str, big: Answer | None, *verdicts: Verdict, upstreams: tuple[str, ...] = ("small",)
) -> list[dict[str, Any]]:
    exchange, request = opened_exchange(baseline="big"), chat(ask)
    calls = await answered(deps, exchange, ask, *upstreams)
    exchange.verdicts = [Verdict(v.judge, v.action, v.reason, attempt=calls[0].attempt.id) for v in verdicts]
    known = compared(request.body, "big", big)
    return list(labels_of(exchange, request.body, calls, known, 0.25))


@pytest.mark.parametrize(("says", "worth"), [("It is 42.", 1.0), ("41", 0.0), (SORRY, 0.0)])
async def test_an_answer_is_held_against_the_baselines_own(
    says: str, worth: float, scripted: Scripted, make_deps: MakeDeps
) -> None:
    small = scripted()
    small.says(says)
    (row,) = await labels(make_deps(small, scripted()), SUM, Answer({"content": "42"}, "stop"))
    assert (row["who"], row["judge"], row["small"]) == ("agreement", "big", "small")
    assert (row["small_quality"], row["big_quality"], row["use"]) == (worth, 1.0, "train")
    assert (row["inclusion_p"], row["trust"]) == (0.25, 0.5)


@pytest.mark.parametrize(
    ("ask", "big"),
    [(POEM, Answer({"content": "Waves."}, "stop")), (SUM, None), (SUM, Answer({"content": "42"}, "length"))],
    ids=["prose", "a stream nobody kept", "cut off"],
)
async def test_where_nothing_can_be_compared_only_an_objection_to_the_form_says_anything(
    ask: str, big: Answer | None, scripted: Scripted, make_deps: MakeDeps
) -> None:
    small = scripted()
    small.says("Waves, again.")
    deps = make_deps(small, scripted())
    assert await labels(deps, ask, big) == []
    assert await labels(deps, ask, big, Verdict("verifier", ESCALATE, "nobody is left")) == []
    (row,) = await labels(deps, ask, big, Verdict("loops", ESCALATE, "says the same ever again"))
    assert (row["who"], row["judge"], row["small_quality"], row.get("big_quality")) == ("structure", "loops", 0.0, None)


async def test_of_one_upstream_asked_twice_the_first_answer_counts_and_of_one_that_failed_none(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    small, other = scripted(), scripted()
    small.says("42")
    other.fails(500)
    deps = make_deps(small, other)
    big = Answer({"content": "42"}, "stop")
    exchange = opened_exchange(baseline="big")
    calls = await answered(deps, exchange, SUM, "small", "small", "big")
    rows = list(labels_of(exchange, chat(SUM).body, calls, compared(chat(SUM).body, "big", big), 1.0))
    assert [row["small"] for row in rows] == ["small"]


async def test_the_answer_that_went_out_is_known_where_it_was_read_whole(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    small = scripted()
    small.says("42")
    calls = await answered(make_deps(small, scripted()), opened_exchange(), SUM, "small")
    said = answer_of(calls, calls[0].attempt.id)
    assert said is not None
    assert said.message["content"] == "42"
    assert answer_of(calls, "another") is None
