"""The matrix: what each source leaves in a conversation, and what each target gets of it."""

import copy
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.core.sanitise.conversation import sanitise
from router.core.sanitise.target import ANTHROPIC, GEMINI, LOCAL, MISTRAL, OPENAI, Target
from tests.core.targets import TARGETS

HI: dict[str, Any] = {"role": "user", "content": "hi"}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}
EVERY = pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))


def call(call_id: str, **more: Any) -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": "f", "arguments": '{ "a":1 }'}, **more}


def result(call_id: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": "1"}


def asked(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages), **fields}


def loop(*calls: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A conversation in which a model called tools and was answered."""
    said = {"role": "assistant", "content": None, "tool_calls": list(calls), **more}
    return asked(HI, said, *(result(each["id"]) for each in calls), HI)


SOURCES: dict[str, dict[str, Any]] = {
    "plain": asked(HI),
    "anthropic thinking": loop(
        call("toolu_01D7FLrfh4GYq7yT1ULFeyMV"),
        reasoning_content="hm",
        thinking_blocks=[{"type": "thinking", "thinking": "hm", "signature": "s"}],
    ),
    "unsigned thinking": asked(
        HI,
        {
            "role": "assistant",
            "content": "x",
            "thinking_blocks": [{"type": "thinking", "thinking": "t", "signature": ""}],
        },
    ),
    "anthropic marks": asked(
        {"role": "system", "content": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}]},
        {**HI, "cache_control": {"type": "ephemeral"}},
        top_k=3,
        thinking={"type": "adaptive"},
    ),
    "openai": asked({"role": "developer", "content": "d"}, HI, max_completion_tokens=9, store=True, verbosity="low"),
    "openai parallel": loop(call("call_" + "a" * 24), call("call_" + "b" * 24)),
    "mistral ids": loop(call("D681PevKs")),
    "kimi ids": loop(call("functions.f:0")),
    "long ids": loop(call("x" * 64)),
    "repeated ids": asked(*(message for _ in range(2) for message in loop(call("call_0"), call("call_0"))["messages"])),
    "missing ids": asked(
        HI,
        {"role": "assistant", "content": None, "tool_calls": [{"type": "function", "function": {}}] * 2},
        {"role": "tool", "content": "1"},
        {"role": "tool", "content": "2"},
    ),
    "gemini signatures": loop(call("c1", extra_content={"google": {"thought_signature": "s"}})),
    "local reasoning": asked(HI, {"role": "assistant", "content": "x", "reasoning": "hm"}, HI),
    "reasoning items": asked(
        HI, {"role": "assistant", "content": "x", "reasoning_items": [{"encrypted_content": "e"}]}, HI
    ),
    "pictures": asked({"role": "user", "content": [{"type": "text", "text": "see"}, PICTURE]}),
    "empty": asked(
        HI, {"role": "assistant", "content": ""}, {"role": "user", "content": [{"type": "text", "text": ""}]}
    ),
    "in a row": asked(HI, HI, {"role": "system", "content": "late"}, {"role": "assistant", "content": "a"}, HI),
}
MATRIX = pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))


def faults(body: Mapping[str, Any], target: Target) -> set[str]:
    """What `target` would refuse in a body: the rules said once more, plainly, and apart from the code."""
    found = {name for name in body if name in target.rejects}
    messages = body["messages"]
    calls = [each for message in messages for each in message.get("tool_calls") or ()]
    ids = [each.get("id") for each in calls]
    roles = [message["role"] for message in messages]
    checks = {
        "developer": not target.developer and "developer" in roles,
        "late system": target.system_first and "system" in roles[1:],
        "ids": any(not isinstance(i, str) or not re.fullmatch(target.ids.pattern, i) for i in ids),
        "unique": target.unique_ids and len(set(ids)) < len(ids),
        "marks": not target.marks and ("cache_control" in str(messages) or "is_error" in str(messages)),
        "reasoning": any(_reasons(message) for message in messages),
        "blocks": not target.signed_thinking and "thinking_blocks" in str(messages),
        "unsigned": "'signature': ''" in str(messages),
        "google": not target.signed_calls and "thought_signature" in str(messages),
        "limits": {"max_tokens", "max_completion_tokens"} - {target.limit} & body.keys() != set(),
        "empty": not target.empty and any(not _says(message) for message in messages),
        "alternate": target.alternate and any(_doubled(messages, i) for i in range(1, len(messages))),
        "orphans": any(m["role"] == "tool" and m.get("tool_call_id") not in ids for m in messages),
    }
    return found | {name for name, wrong in checks.items() if wrong}


def _reasons(message: Mapping[str, Any]) -> bool:
    return bool({"reasoning", "reasoning_items", "reasoning_content"} & message.keys())


def _says(message: Mapping[str, Any]) -> bool:
    return bool(message.get("content") or message.get("tool_calls") or message["role"] == "tool")


def _doubled(messages: list[dict[str, Any]], index: int) -> bool:
    first, second = messages[index - 1], messages[index]
    return first["role"] == second["role"] in ("user", "assistant") and not first.get("tool_calls")


@EVERY
@MATRIX
def test_every_target_gets_what_it_takes_from_every_source(source: dict[str, Any], target: Target) -> None:
    before = copy.deepcopy(source)
    body, notes = sanitise(source, target)
    assert source == before
    assert faults(body, target) == set()
    assert (body is source) == (notes == ())
    assert sanitise(body, target) == (body, ())
    assert sanitise(body, target)[0] is body


@EVERY
@MATRIX
def test_a_body_is_changed_only_where_the_target_would_refuse_it(source: dict[str, Any], target: Target) -> None:
    wrong = faults(source, target)
    assert bool(sanitise(source, target)[1]) == bool(wrong)


@EVERY
def test_a_plain_conversation_goes_on_as_the_same_object(target: Target) -> None:
    body = asked({"role": "system", "content": "s"}, HI, {"role": "assistant", "content": "a"}, HI, temperature=0)
    assert sanitise(body, target)[0] is body


def test_thinking_goes_to_each_in_the_form_it_reads() -> None:
    source = SOURCES["anthropic thinking"]
    said = {name: dict(sanitise(source, target)[0]["messages"][1]) for name, target in TARGETS.items()}
    assert said["anthropic"]["thinking_blocks"] == [{"type": "thinking", "thinking": "hm", "signature": "s"}]
    assert said["openai"].keys() == {"role", "content", "tool_calls"}
    unsigned = sanitise(SOURCES["unsigned thinking"], ANTHROPIC)[0]["messages"][1]
    assert unsigned == {"role": "assistant", "content": "x"}


def test_an_id_that_fits_stays_and_one_that_does_not_is_the_same_every_time() -> None:
    assert sanitise(SOURCES["mistral ids"], MISTRAL)[1] == ()
    source = SOURCES["anthropic thinking"]
    first, again = sanitise(source, MISTRAL)[0], sanitise(copy.deepcopy(source), MISTRAL)[0]
    assert first == again
    made = first["messages"][1]["tool_calls"][0]["id"]
    assert re.fullmatch("[a-zA-Z0-9]{9}", made)
    assert first["messages"][2]["tool_call_id"] == made


def test_arguments_are_never_touched() -> None:
    for target in TARGETS.values():
        body = sanitise(loop(call("x" * 64), call("functions.f:1")), target)[0]
        calls = [each for message in body["messages"] for each in message.get("tool_calls") or ()]
        assert [each["function"]["arguments"] for each in calls] == ['{ "a":1 }'] * 2


def test_repeated_ids_pair_each_call_with_its_own_result() -> None:
    messages = [dict(message) for message in SOURCES["repeated ids"]["messages"]]
    for number, message in enumerate(messages):
        if message["role"] == "tool":
            message["content"] = str(number)
    body = sanitise(asked(*messages), ANTHROPIC)[0]
    ids = [each["id"] for message in body["messages"] for each in message.get("tool_calls") or ()]
    assert ids == [message["tool_call_id"] for message in body["messages"] if message["role"] == "tool"]
    assert len(set(ids)) == 4


def test_system_messages_come_first_and_neighbours_are_joined() -> None:
    messages = sanitise(SOURCES["in a row"], replace(LOCAL, alternate=True))[0]["messages"]
    assert [(message["role"], message["content"]) for message in messages] == [
        ("system", "late"),
        ("user", "hi\n\nhi"),
        ("assistant", "a"),
        ("user", "hi"),
    ]
    assert sanitise(SOURCES["in a row"], LOCAL)[1] == ("system messages moved to the front",)


@pytest.mark.parametrize(
    ("given", "target", "left"),
    [
        ({"max_completion_tokens": 9}, LOCAL, {"max_tokens": 9}),
        ({"max_tokens": 9}, OPENAI, {"max_completion_tokens": 9}),
        ({"max_tokens": 9, "max_completion_tokens": 5}, OPENAI, {"max_completion_tokens": 5}),
        ({"max_tokens": 5, "max_completion_tokens": 9}, OPENAI, {"max_completion_tokens": 5}),
        ({"max_tokens": None, "max_completion_tokens": None}, LOCAL, {"max_tokens": None}),
        ({"max_completion_tokens": None}, LOCAL, {}),
    ],
)
def test_the_limit_has_one_name_and_is_never_raised(
    given: dict[str, Any], target: Target, left: dict[str, Any]
) -> None:
    assert sanitise(asked(HI, **given), target)[0] == asked(HI, **left)


def test_googles_signatures_stay_with_google() -> None:
    source = SOURCES["gemini signatures"]
    assert sanitise(source, GEMINI)[0] is source
    assert sanitise(source, OPENAI)[1] == ("signatures of calls left out",)


def test_every_target_has_its_row_on_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "sanitiser.md").read_text()
    assert [name for name in TARGETS if f"| `{name}` |" not in page] == []


TEXTS = st.sampled_from(["", "a", "b"])
CONTENT = (
    TEXTS | st.none() | st.lists(st.builds(lambda t: {"type": "text", "text": t}, TEXTS) | st.just(PICTURE), max_size=2)
)
IDS = st.sampled_from(["", "call_0", "D681PevKs", "functions.f:0", "y" * 41])
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "developer", "user", "assistant", "tool"]), "content": CONTENT},
    optional={
        "tool_calls": st.lists(IDS.map(call), max_size=3),
        "tool_call_id": IDS,
        "reasoning_content": TEXTS,
        "thinking_blocks": st.lists(
            st.builds(lambda t, s: {"type": "thinking", "thinking": t, "signature": s}, TEXTS, TEXTS), max_size=2
        ),
        "cache_control": st.just({"type": "ephemeral"}),
    },
)
SWITCHES = st.builds(
    Target,
    name=st.just("any"),
    developer=st.booleans(),
    system_first=st.booleans(),
    alternate=st.booleans(),
    ids=st.sampled_from([target.ids for target in TARGETS.values()]),
    unique_ids=st.booleans(),
    signed_thinking=st.booleans(),
    signed_calls=st.booleans(),
    empty=st.booleans(),
    marks=st.booleans(),
    limit=st.sampled_from(["max_tokens", "max_completion_tokens"]),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(MESSAGE, min_size=1, max_size=6), SWITCHES)
def test_done_twice_is_done_once_whatever_came(messages: list[dict[str, Any]], target: Target) -> None:
    body = asked(*messages)
    before = copy.deepcopy(body)
    once, _ = sanitise(body, target)
    assert body == before
    again, notes = sanitise(once, target)
    assert (notes, again) == ((), once)
    assert again is once
