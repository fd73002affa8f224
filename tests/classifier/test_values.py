"""Answers compare by value: equal ones are found however they are written, and nothing a model writes raises."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.values import checkable, kind_of, value_of

SUM = {"messages": [{"role": "user", "content": "How many apples are 3 and 4 apples?"}]}
LETTERS = {"messages": [{"role": "user", "content": "Which is a bird?\nA. dog\nB. robin\nC. pike"}]}
LABELS = {"messages": [{"role": "user", "content": "Classify the mail as one of: invoice, order, other.\n\nHi"}]}
WANTS_JSON = {"messages": [{"role": "user", "content": "Name and age?"}], "response_format": {"type": "json_object"}}
PROSE = {"messages": [{"role": "user", "content": "Tell me about the sea."}]}
CODE = {"messages": [{"role": "user", "content": "Write a Python function that adds two numbers."}]}
TOOLS: dict[str, Any] = {
    "messages": [{"role": "user", "content": "Weather in Rome, please"}],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "weather.get",
                "parameters": {
                    "type": "object",
                    "properties": {
                        "city": {"type": "string"},
                        "days": {"type": "integer", "description": "How many days. Default is 1."},
                        "unit": {"type": "string", "default": "metric"},
                    },
                    "required": ["city"],
                },
            },
        }
    ],
}


def said(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def called(name: str, arguments: str) -> dict[str, Any]:
    call = {"id": "1", "type": "function", "function": {"name": name, "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


@pytest.mark.parametrize(
    ("body", "kind"),
    [(SUM, "number"), (LETTERS, "choice"), (LABELS, "label"), (WANTS_JSON, "json"), (TOOLS, "tools"), (CODE, "code")],
)
def test_the_question_tells_its_kind(body: dict[str, Any], kind: str) -> None:
    assert kind_of(body) == kind


def test_prose_has_no_kind_and_no_value() -> None:
    assert kind_of(PROSE) is None
    assert value_of(PROSE, said("The sea is 4 km deep.")) is None


def test_code_and_prose_cannot_be_checked_by_comparing() -> None:
    assert [checkable(body) for body in (SUM, LETTERS, LABELS, WANTS_JSON, TOOLS, CODE, PROSE)] == [True] * 5 + [
        False
    ] * 2


@pytest.mark.parametrize(
    "text",
    [
        "7",
        "7.0 apples",
        'so {"reasoning": "3 + 4", "answer": "7"}',
        '```json\n{"answer": 7}\n```',
        r"Hence \boxed{7}.",
        "The answer is **7**.",
        "3 + 4 = 7",
        "First 3, then 4.\n#### 7",
        r"The answer is $\frac{14}{2}$.",
        "The answer is 14/2.",
    ],
)
def test_a_number_is_found_however_it_is_written(text: str) -> None:
    assert value_of(SUM, said(text)) == "7"


@pytest.mark.parametrize(("text", "value"), [("$1,200.50", "1200.5"), ("it costs 1 200", "200"), ("-0", "0")])
def test_marks_of_money_and_thousands_make_no_difference(text: str, value: str) -> None:
    assert value_of(SUM, said(text)) == value


@pytest.mark.parametrize(
    "text", ["B", "(B)", "**B.** robin", "The answer is (B).", "robin", "A is a dog. The answer is B"]
)
def test_a_choice_is_its_letter(text: str) -> None:
    assert value_of(LETTERS, said(text)) == "B"


def test_a_letter_that_was_not_offered_abstains() -> None:
    assert value_of(LETTERS, said("(F)")) is None


def test_a_label_is_one_of_those_listed_and_two_abstain() -> None:
    assert value_of(LABELS, said("Label: **Invoice**")) == "invoice"
    assert value_of(LABELS, said("an invoice or an order")) is None


def test_json_compares_by_sorted_key_and_value_and_passes_over_reasons() -> None:
    one = value_of(WANTS_JSON, said('{"age": "41", "name": "Ann B."}'))
    other = value_of(WANTS_JSON, said('```json\n{"name": "ann b", "age": 41.0, "reasoning": "as it says"}\n```'))
    assert one == other
    assert one is not None


@pytest.mark.parametrize(
    "message",
    [
        called("weather.get", '{"city": "Rome"}'),
        called("weather_get", '{"city": "rome", "days": 1.0}'),
        said('<tool_call>\n{"name": "weather_get", "arguments": {"city": "Rome", "days": 2/2}}\n</tool_call>'),
        said('{"tool_calls": [{"name": "weather.get", "arguments": {"city": "Rome", "unit": "Metric"}}]}'),
        said("[weather.get(city='Rome', days=\"1\")]"),
        said("weather.get({'city': 'Rome'})"),
        said("weather.get('Rome')"),
    ],
)
def test_a_call_is_the_same_in_every_models_own_form(message: dict[str, Any]) -> None:
    assert value_of(TOOLS, message) == value_of(TOOLS, called("weather.get", '{"city": "Rome"}'))


def test_the_order_of_calls_makes_no_difference() -> None:
    text = "[weather.get(city='{}'), weather.get(city='{}')]"
    assert value_of(TOOLS, said(text.format("Rome", "Oslo"))) == value_of(TOOLS, said(text.format("Oslo", "Rome")))


def test_no_call_is_a_value_and_an_unreadable_one_abstains() -> None:
    assert value_of(TOOLS, said("I cannot look that up.")) == value_of(TOOLS, said("[]")) == "[]"
    assert value_of(TOOLS, said("<tool_call>{broken</tool_call>")) is None
    assert value_of(TOOLS, said("[weather.get(city='Rome'")) is None
    assert value_of(TOOLS, called("stocks", "{}")) is None
    assert value_of(TOOLS, said("")) is None


HOSTILE = [
    "{" * 50_000,
    "[" * 50_000 + "]" * 50_000,
    "weather.get(" * 2_000,
    "-" * 100_000,
    "1" * 100_000,
    '"' * 50_001,
    r"\boxed{" * 20_000,
    "answer is " * 20_000,
    '{"answer": ' * 5_000,
    "1e999",
    "\ud800",
    "<tool_call>" * 20_000,
    "9" * 30 + "**" + "9" * 30,
    "weather.get(city=" + "9**" * 2_000 + "9)",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("body", [SUM, LETTERS, LABELS, WANTS_JSON, TOOLS, CODE, PROSE])
def test_hostile_text_never_raises(body: dict[str, Any], text: str) -> None:
    for message in (said(text), called("weather.get", text)):
        value = value_of(body, message)
        assert value is None or isinstance(value, str)


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(value=VALUES, text=st.text(max_size=60))
def test_nothing_of_any_shape_raises(value: Any, text: str) -> None:
    tools = [{"function": {"name": "f", "parameters": value}}, value]
    for body in ({"messages": value, "tools": value}, {**SUM, "tools": tools, "response_format": value}):
        kind_of(body)
        for message in ({"content": value, "tool_calls": value}, said(text), called("f", json.dumps(value))):
            value_of(body, message)
