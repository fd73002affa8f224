"""Answers that go round in circles, and answers that only look like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.ports import Answer
from router.judges.loops import Loops

TABLE = "\n".join(f"| {n} | {n * n} | a row of its own |" for n in range(60))
LIST = "\n".join(f"{n}. Item number {n} differs from the others." for n in range(40))
PROSE = "The river rises in the hills and reaches the sea after a long way. " + LIST


def judge(text: str, complete: bool = True) -> str:
    return Loops().judge({}, Answer({"content": text}, "stop", complete=complete), ()).action


@pytest.mark.parametrize(
    "text",
    [
        "It is so. " + "I am sorry about that, let me try again. " * 8,
        "Well: " + "ha" * 150,
        "x" * 250,
        "Start. " + ("A longer passage that is said again, with a comma. " * 3 + "\n") * 5,
        "1. the same\n" * 20,
    ],
)
def test_a_loop_is_escalated(text: str) -> None:
    assert judge(text) == "escalate"
    assert judge(text, complete=False) == "escalate"


@pytest.mark.parametrize(
    "text", ["Paris", "no no no", TABLE, LIST, PROSE, "Title\n" + "-" * 80 + "\nText", "", "ab" * 20]
)
def test_what_is_no_loop_passes(text: str) -> None:
    assert judge(text) == "accept"


def test_a_prefix_without_text_waits() -> None:
    assert judge("", complete=False) == "wait"


@given(st.text(alphabet="ab \n", max_size=600))
def test_it_never_raises_and_always_settles(text: str) -> None:
    assert judge(text) in ("accept", "escalate")


def test_a_very_long_answer_is_looked_at_from_its_end_alone() -> None:
    verdict = Loops().judge({}, Answer({"content": "ab" * 500_000}, "stop"), ())
    assert verdict.evidence == (2.0, 2000.0, 1_000_000.0)
