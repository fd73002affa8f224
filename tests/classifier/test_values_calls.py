"""Calls are read from each model's own form, held against their schema, and overlap by what they share."""

from typing import Any

import pytest

from classifier.values_calls import Toolbox, Unreadable, triples

PARAMETERS = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"enum": ["x", "y"], "type": "string"}}}
BODY: dict[str, Any] = {"tools": [{"function": {"name": "pick.one", "parameters": {**PARAMETERS, "required": ["a"]}}}]}


def written(text: str) -> Any:
    return Toolbox(BODY).read({"content": text})


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("[pick.one(a=1, b='x')]", 0),
        ("[pick_one(a=1)]", 1),
        ("[pick.one(b='x')]", 1),
        ("[pick.one(a='one')]", 1),
        ("[pick.one(a=1, b='z')]", 1),
        ("[pick.one(a=1, c=2)]", 1),
        ("[pick.one({'a': 1})]", 1),
    ],
)
def test_faults_against_the_schema_are_counted(text: str, faults: int) -> None:
    assert written(text).faults == faults


@pytest.mark.parametrize("text", ["[other(a=1)]", '{"name": "other"}', "pick.one(a=", "<tool_call>{</tool_call>", " "])
def test_what_cannot_be_read_or_is_not_offered_abstains(text: str) -> None:
    with pytest.raises(Unreadable):
        written(text)


@pytest.mark.parametrize(
    "text",
    [
        '[TOOL_CALLS] [{"name": "pick.one", "arguments": {"a": 1}}]',
        '[TOOL_CALLS]pick.one[ARGS]{"a": 1}',
        '[TOOL_CALLS]pick.one[CALL_ID]9f[ARGS]{"a": 1}',
        'I will. [TOOL_CALLS] [{"name": "pick.one", "arguments": {"a": 1}}]',
        '<function=pick_one>{"a": 1}</function>',
        '<function=pick_one>{"a": 1}',
        "Sure! [pick.one(a=1)]",
    ],
)
def test_a_call_behind_a_mark_or_words_is_the_call(text: str) -> None:
    assert written(text).value == written("[pick.one(a=1)]").value


@pytest.mark.parametrize(
    "text",
    [
        "I will use pick.one(a=1).",
        "I will use pick-one(a=1).",
        'I call:\n```json\n{"name": "pick.one", "arguments": {"a": 1}}\n```',
        "<function=pick_one",
        "<function=fly>{}</function>",
        '<function=pick_one>{"a": 1}</function><function=pick_one>{"a": "1 < 2"}</function>',
    ],
)
def test_words_that_try_to_call_are_not_no_call(text: str) -> None:
    with pytest.raises(Unreadable):
        written(text)


def test_a_list_of_words_calls_nothing() -> None:
    assert written("[see above] I will not call.").value == "[]"
    assert written('Say {"name": "Ann"} (or f(x)) yourself.').value == "[]"


def test_overlap_counts_function_argument_and_value() -> None:
    one, other = (triples(written(f"[pick.one(a=1, b='{b}')]").value) for b in "xy")
    assert len(one & other) == 2
    assert len(one | other) == 4
