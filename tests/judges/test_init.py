"""Judges by name: the kinds that exist, one's own, and names that cannot be built."""

import pytest

from router.core.errors import SetupError
from router.core.exchange import ACCEPT, ESCALATE, WAIT
from router.core.ports import Answer
from router.judges import KINDS, build

ANSWERS = [
    Answer({"role": "assistant", "content": "Hello"}, "stop"),
    Answer({"role": "assistant", "content": None}, "stop"),
    Answer({"role": "assistant", "content": "I'm sorry, but I can't help."}, "stop"),
    Answer({"role": "assistant", "content": "He"}, None, complete=False),
    Answer({}, None),
]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_every_kind_keeps_the_contract(name: str, answer: Answer) -> None:
    judge = build([name])[name]
    request = {"messages": [{"role": "user", "content": "Hi"}]}
    verdict = judge.judge(request, answer, ())
    assert judge.name == verdict.judge == name
    assert verdict.action in ({ACCEPT, ESCALATE} if answer.complete else {ACCEPT, ESCALATE, WAIT})
    assert verdict.reason.isascii()
    assert verdict.reason
    assert verdict.score is None or 0 <= verdict.score <= 1
    assert repr(judge.judge(request, answer, ())) == repr(verdict)  # what is not known is NaN, which equals nothing


def test_judges_come_in_the_order_asked() -> None:
    assert list(build(["refusal", "structure"])) == ["refusal", "structure"]


def test_ones_own_judge_is_imported_as_written() -> None:
    name = "router.judges.structure:Structure"
    assert build([name])[name].name == "structure"


def test_every_name_that_cannot_be_built_is_reported_at_once() -> None:
    with pytest.raises(SetupError) as caught:
        build(["structure", "confidense", "nowhere.at_all:Judge", "json:loads"])
    assert len(caught.value.problems) == 3
    assert "no judge 'confidense'" in str(caught.value)
    assert "use one of structure, refusal" in str(caught.value)
