"""One try to mend: asked for where it can help, and never twice."""

from router.core.ports import Answer, Hearing
from router.judges.repair import mendable, repair
from router.judges.structure import Structure

JSON = {"messages": [], "response_format": {"type": "json_object"}}
MAY = Hearing(may_repair=True)


def test_broken_json_is_shown_its_fault_and_asked_for_again() -> None:
    broken = Answer({"content": '{"a": 1'}, "stop", hearing=MAY)
    verdict = Structure().judge(JSON, broken, ())
    (question,) = verdict.questions
    assert (verdict.action, question.kind) == ("ask", "repair")
    said, asked = question.body["messages"]
    assert said == {"role": "assistant", "content": '{"a": 1'}
    assert "content is not JSON" in asked["content"]


def test_without_leave_it_escalates() -> None:
    assert Structure().judge(JSON, Answer({"content": "{"}, "stop"), ()).action == "escalate"


def test_what_was_cut_short_or_is_empty_is_not_worth_a_second_try() -> None:
    assert not mendable(Answer({"content": "{"}, "length"))
    assert not mendable(Answer({"content": " "}, "stop"))
    assert not mendable(Answer({"content": "{" * 30_000}, "stop"))
    long = {"function": {"name": "fly", "arguments": "{" * 30_000}}
    assert not mendable(Answer({"content": None, "tool_calls": [long]}, "tool_calls"))


def test_a_broken_call_is_shown_as_it_was_written_but_as_text() -> None:
    calls = [{"function": {"name": name, "arguments": '{"to": '}} for name in ("fly", "land")]
    question = repair(
        "structure", Answer({"content": None, "tool_calls": calls}, "tool_calls"), "arguments are not JSON"
    )
    assert all("tool_calls" not in message for message in question.body["messages"])
    assert question.body["messages"][0] == {"role": "assistant", "content": 'fly({"to": )\nland({"to": )'}
    assert "call the tool again" in question.body["messages"][1]["content"]
