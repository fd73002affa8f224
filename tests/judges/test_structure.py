"""The judge of form: each fault is found and its place named; no answer and no schema makes it raise."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.exchange import ACCEPT, ESCALATE, WAIT, Verdict
from router.core.ports import Answer
from router.judges.structure import Structure

CITY = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "array", "items": {"type": "integer"}},
        "unit": {"enum": ["C", "F"]},
    },
    "required": ["city"],
    "additionalProperties": False,
}
JSON_OBJECT = {"response_format": {"type": "json_object"}}


def judged(request: dict[str, Any], finish: str | None = "stop", **message: Any) -> Verdict:
    return Structure().judge(request, Answer({"content": None, **message}, finish), ())


def tool(name: str = "get_weather", parameters: Any = CITY) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


def call(arguments: Any, name: str = "get_weather") -> dict[str, Any]:
    return {"id": "a", "type": "function", "function": {"name": name, "arguments": arguments}}


def called(*arguments: Any, **request: Any) -> Verdict:
    calls = [call(each) for each in arguments]
    return judged({"tools": [tool()], **request}, "tool_calls", tool_calls=calls)


def schema_asked(schema: Any) -> dict[str, Any]:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}}


def test_a_plain_answer_is_well_formed() -> None:
    verdict = judged({}, content="Hello")
    assert verdict == Verdict("structure", ACCEPT, "well formed", 1.0, (0.0, 0.0, 0.0, 0.0, 5.0))


@pytest.mark.parametrize(
    ("finish", "message", "reason"),
    [
        ("stop", {}, "empty: no content, no tool call, no refusal"),
        ("stop", {"content": " \n"}, "empty: no content, no tool call, no refusal"),
        ("stop", {"content": [], "reasoning_content": "hm"}, "empty: no content, no tool call, no refusal"),
        ("length", {"content": "Hel"}, "truncated: finish_reason is length"),
        ("content_filter", {"content": "Hel"}, "withheld: finish_reason is content_filter"),
        ("error", {"content": "Hel"}, "broken off: finish_reason is error"),
        ("tool_calls", {"content": "Hel"}, "finish_reason is tool_calls but no tool is called"),
    ],
)
def test_what_is_no_whole_answer_is_sent_on(finish: str, message: dict[str, Any], reason: str) -> None:
    verdict = judged({}, finish, **message)
    assert (verdict.action, verdict.reason, verdict.score) == (ESCALATE, reason, 0.0)


def test_a_refusal_is_not_empty_and_no_finish_reason_is_no_fault() -> None:
    assert judged({}, refusal="No.").action == ACCEPT
    assert judged({}, None, content="Hello").action == ACCEPT
    assert judged({}, content=[{"type": "text", "text": "Hello"}]).action == ACCEPT


@pytest.mark.parametrize(
    ("request_", "message", "action"),
    [
        ({}, {"content": None}, WAIT),
        ({}, {"content": "He"}, ACCEPT),
        (JSON_OBJECT, {"content": ' {"a'}, ACCEPT),
        (JSON_OBJECT, {"content": "Sure! Here is"}, ESCALATE),
        ({"tools": [tool()]}, {"tool_calls": [call('{"ci')]}, ACCEPT),
        ({"tools": [tool()]}, {"tool_calls": [call('{"ci', "swim")]}, ESCALATE),
    ],
)
def test_of_a_prefix_it_tells_what_its_beginning_shows(
    request_: dict[str, Any], message: dict[str, Any], action: str
) -> None:
    assert Structure().judge(request_, Answer(message, None, complete=False), ()).action == action


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{'a': 1}", "content is not JSON"),
        ('{"a": 1', "content is not JSON"),
        ('{"a": 1} Done!', "content is not JSON"),
        ('```json\n{"a": 1}\n```', "content is not JSON, but a fenced block"),
        ("[1]", "content is JSON but not an object"),
        ("[" * 100_000, "content is not JSON"),
    ],
)
def test_where_an_object_was_asked_nothing_else_will_do(content: str, reason: str) -> None:
    verdict = judged(JSON_OBJECT, content=content)
    assert (verdict.action, verdict.reason, verdict.evidence[:2]) == (ESCALATE, reason, (1.0, 0.0))


def test_json_that_was_asked_for_and_came_is_accepted() -> None:
    assert judged(JSON_OBJECT, content=' {"a": 1}\n').evidence[:2] == (1.0, 1.0)
    assert judged(JSON_OBJECT, refusal="No.").action == ACCEPT


def test_content_is_held_against_the_schema_asked() -> None:
    request = schema_asked(CITY)
    assert judged(request, content='{"city": "Bern"}').action == ACCEPT
    assert judged(request, content='{"city": 1}').reason == "response_format: content.city has the wrong type"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("{}", "tool get_weather: arguments.city is required"),
        ('{"city": 1}', "tool get_weather: arguments.city has the wrong type"),
        ('{"city": "Bern", "days": [1, "x"]}', "tool get_weather: arguments.days[1] has the wrong type"),
        ('{"city": "Bern", "unit": "K"}', "tool get_weather: arguments.unit is not one of the values allowed"),
        ('{"city": "Bern", "secret": 1}', "tool get_weather: arguments has a key that is not allowed"),
        ('{"city": "Bern"', "tool get_weather: arguments are not JSON"),
        ("", "tool get_weather: arguments are not JSON"),
        ({"city": "Bern"}, "tool get_weather: arguments are not JSON"),
        ('["Bern"]', "tool get_weather: arguments are not an object"),
    ],
)
def test_arguments_are_held_against_the_tools_own_schema(arguments: Any, reason: str) -> None:
    verdict = called('{"city": "Bern"}', arguments)
    assert (verdict.action, verdict.reason, verdict.evidence[2:4]) == (ESCALATE, reason, (2.0, 1.0))


def test_good_calls_are_accepted() -> None:
    assert called('{"city": "Bern"}', '{"city": "Rom", "days": [1]}').action == ACCEPT
    free = {"tools": [{"type": "function", "function": {"name": "get_weather"}}]}
    assert judged(free, "tool_calls", tool_calls=[call("{}")]).action == ACCEPT


@pytest.mark.parametrize(("name", "shown"), [("fly", "fly"), ("fly\r\nx: 1", "-"), ("x" * 65, "-"), (None, "None")])
def test_an_unknown_tool_is_named_only_where_its_name_is_plain(name: Any, shown: str) -> None:
    verdict = judged({"tools": [tool()]}, "tool_calls", tool_calls=[call("{}", name)])
    assert (verdict.action, verdict.reason) == (ESCALATE, f"tool {shown} is unknown")


@pytest.mark.parametrize(
    ("request_", "calls", "reason"),
    [
        ({"tool_choice": "required"}, 0, "tool_choice is required but no tool is called"),
        ({"tool_choice": "none"}, 1, "tool_choice is none but get_weather is called"),
        ({"tool_choice": {"function": {"name": "fly"}}}, 1, "tool_choice names fly, which is not called"),
        ({"tool_choice": {"function": {"name": "get_weather"}}}, 1, None),
        ({"tool_choice": {"allowed_tools": {"mode": "required"}}}, 0, "tool_choice is required but no tool is called"),
        ({"tool_choice": {"allowed_tools": {"mode": "auto"}}}, 0, None),
        ({"function_call": {"name": "fly"}}, 0, "tool_choice names fly, which is not called"),
        ({"parallel_tool_calls": False}, 2, "2 tools are called, and parallel_tool_calls is false"),
        ({"parallel_tool_calls": False}, 1, None),
    ],
)
def test_the_choice_of_tools_is_obeyed(request_: dict[str, Any], calls: int, reason: str | None) -> None:
    verdict = judged({"tools": [tool()], **request_}, content="x", tool_calls=[call('{"city": "Bern"}')] * calls)
    assert verdict.reason == (reason or "well formed")
    assert verdict.action == (ESCALATE if reason else ACCEPT)


def test_the_old_form_of_functions_is_judged_alike() -> None:
    request = {"functions": [{"name": "get_weather", "parameters": CITY}]}
    verdict = judged(request, "function_call", function_call={"name": "get_weather", "arguments": "{}"})
    assert verdict.reason == "tool get_weather: arguments.city is required"


def test_a_custom_tool_needs_only_its_name() -> None:
    request = {"tools": [{"type": "custom", "custom": {"name": "shell"}}]}
    custom = {"id": "a", "type": "custom", "custom": {"name": "shell", "input": "ls"}}
    assert judged(request, "tool_calls", tool_calls=[custom]).action == ACCEPT


def test_a_schema_that_cannot_be_used_is_said_and_the_rest_is_still_judged() -> None:
    request = schema_asked({"$ref": "https://example.com/schema.json"})
    unjudged = "response_format: not judged, its schema refers outside itself, and nothing is fetched"
    assert (judged(request, content="{}").action, judged(request, content="{}").reason) == (ACCEPT, unjudged)
    assert judged(request, content="{").reason == "content is not JSON"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["type", "$ref", "properties", "items", "pattern", "allOf", "enum", "required", "$id", "not"])
VALUES = st.sampled_from(["object", "#", "#/items", "#/allOf/0", "(a+)+$", "\\p{L}(?=x)", "http://x"]) | JSON
SCHEMAS = JSON | st.recursive(
    st.dictionaries(KEYS, VALUES, max_size=3),
    lambda inner: st.dictionaries(KEYS, inner | st.lists(inner, max_size=2) | VALUES, max_size=4),
    max_leaves=6,
)


@given(SCHEMAS, JSON, st.sampled_from(["stop", "tool_calls", None]))
def test_no_schema_and_no_answer_make_it_raise(schema: Any, value: Any, finish: str | None) -> None:
    text = json.dumps(value)
    request = {**schema_asked(schema), "tools": [tool("f", schema), schema], "tool_choice": value}
    for message in ({"content": text}, {"tool_calls": [call(text, "f"), value]}, {"content": value}, {}):
        assert judged(request, finish, **message).action in (ACCEPT, ESCALATE)
    assert judged(value if isinstance(value, dict) else {}, finish, content=value).judge == "structure"


@pytest.mark.parametrize(
    ("request_", "choices", "reason"),
    [
        ({"n": 2}, 1, "1 of 2 choices came"),
        ({"logprobs": True}, 1, "logprobs were asked for and none came"),
        ({"n": 2}, 2, "well formed"),
        ({"n": 2, "logprobs": True}, 0, "well formed"),  # of a stream nobody counts
        ({"n": "2"}, 1, "well formed"),
    ],
)
def test_what_a_server_passed_over_is_missed(request_: dict[str, Any], choices: int, reason: str) -> None:
    verdict = Structure().judge(request_, Answer({"content": "hi"}, "stop", choices=choices), ())
    assert (verdict.reason, verdict.action) == (reason, ACCEPT if reason == "well formed" else ESCALATE)


def test_a_call_has_no_log_probabilities_to_miss() -> None:
    answer = Answer({"content": None, "tool_calls": [call({})]}, "tool_calls", choices=1)
    request = {"logprobs": True, "tools": [tool(parameters={"type": "object"})]}
    assert "logprobs" not in Structure().judge(request, answer, ()).reason
