"""Bytes cut to a target: what it takes stays byte for byte, what it does not is changed and told."""

import json
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from router.core.dialects.chat import ChatRequest, parse
from router.core.families import FAMILIES
from router.core.sanitise.conversation import sanitise
from router.core.sanitise.target import BOTH, LOCAL, OPENAI, Target
from router.core.tailoring import tailored
from tests.core.targets import TARGETS
from tests.core.test_sanitise import SOURCES, faults

ODD = b'{ "model":"auto" ,"messages" : [ {"role":"user","content":"\\u00e9\\/ 1.0"} ], "top_p": 1.50 }'
LATE = (
    b'{"messages":[{"role":"developer","content":"d"},{"content":"\\u0041","role":"user"}],"max_tokens":9,"model":"a"}'
)


def cut(raw: bytes, target: Target | None, *, foreign: bool = False) -> tuple[bytes, tuple[str, ...]]:
    return tailored(parse(raw), "m", target, foreign=foreign)


@pytest.mark.parametrize("target", [None, LOCAL, OPENAI], ids=["stranger", "local", "openai"])
@pytest.mark.parametrize("foreign", [False, True])
def test_a_plain_request_leaves_as_it_came_whoever_is_asked(target: Target | None, foreign: bool) -> None:
    assert cut(ODD, target, foreign=foreign) == (ODD.replace(b'"auto"', b'"m"'), ())


def test_a_limit_and_a_role_are_translated_and_every_other_byte_stays() -> None:
    assert cut(LATE, replace(LOCAL, limit="max_completion_tokens")) == (
        b'{"messages":[{"role":"system","content":"d"},{"content":"\\u0041","role":"user"}],"model":"m",'
        b'"max_completion_tokens":9}',
        ("developer became system", "max_tokens became max_completion_tokens"),
    )


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        ({"max_tokens": 9}, 9),
        ({"max_completion_tokens": 7}, 7),
        ({"max_tokens": 9, "max_completion_tokens": 7}, 7),
        ({"max_tokens": 7, "max_completion_tokens": 9}, 7),
        ({"max_tokens": None, "max_completion_tokens": 9}, 9),
    ],
)
@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_there_is_one_limit_and_it_is_never_a_higher_one(name: str, fields: dict[str, Any], limit: int) -> None:
    raw = orjson.dumps({"model": "a", "messages": [{"role": "user", "content": "x"}], **fields})
    sent = json.loads(cut(raw, replace(OPENAI, limit=name))[0])
    assert {key: sent.get(key) for key in sent if key.startswith("max_")} == {name: limit}


def test_what_a_target_rejects_is_left_out_and_told() -> None:
    raw = b'{"store":true,"messages":[{"role":"user","content":"x"}],"model":"a"}'
    sent, notes = cut(raw, replace(LOCAL, rejects=frozenset({"store"})))
    assert (json.loads(sent), notes) == (
        {"messages": [{"role": "user", "content": "x"}], "model": "m"},
        ("store left out",),
    )


def test_the_options_of_a_stream_stay_away_from_who_refuses_them() -> None:
    raw = b'{"model":"a","stream":true,"messages":[{"role":"user","content":"x"}]}'
    assert "stream_options" not in json.loads(cut(raw, replace(LOCAL, rejects=frozenset({"stream_options"})))[0])
    assert json.loads(cut(raw, LOCAL)[0])["stream_options"] == {"include_usage": True}


def test_thoughts_of_another_model_are_left_out_even_for_a_stranger() -> None:
    said = {"role": "assistant", "content": "x", "reasoning_content": "hm", "thinking_blocks": [{"thinking": "hm"}]}
    raw = orjson.dumps({"model": "a", "messages": [{"role": "user", "content": "hi"}, said]})
    native, none = cut(raw, None)
    foreign, notes = cut(raw, None, foreign=True)
    assert (json.loads(native)["messages"][1], none) == (said, ())
    assert json.loads(foreign)["messages"][1] == {"role": "assistant", "content": "x"}
    assert notes == ("thinking of another model left out",)


@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
@pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
def test_the_bytes_that_leave_are_the_body_that_the_sanitiser_made(source: dict[str, Any], target: Target) -> None:
    sent, notes = cut(orjson.dumps(source), target, foreign=True)
    body, told = sanitise(source, target)
    assert notes == told
    assert json.loads(sent) == json.loads(orjson.dumps({**body, "model": "m"}))
    assert faults(json.loads(sent), target) == set()


texts = st.text(max_size=8)
arguments = st.builds(lambda value: json.dumps(value), st.dictionaries(texts, st.integers() | texts, max_size=2))
calls = st.builds(
    lambda name, id_, said: {"id": id_, "type": "function", "function": {"name": name, "arguments": said}},
    texts,
    texts,
    arguments,
)
parts = st.lists(
    st.builds(lambda text: {"type": "text", "text": text}, texts)
    | st.just({"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}),
    max_size=3,
)
thinking = st.fixed_dictionaries(
    {},
    optional={
        "reasoning_content": texts,
        "thinking_blocks": st.lists(
            st.builds(lambda t, s: {"type": "thinking", "thinking": t, "signature": s}, texts, texts), max_size=2
        ),
        "reasoning_items": st.just([{"encrypted_content": "e"}]),
    },
)
turns = (
    st.builds(lambda c: {"role": "user", "content": c}, texts | parts)
    | st.builds(lambda c: {"role": "system", "content": c}, texts)
    | st.builds(lambda c: {"role": "developer", "content": c}, texts)
    | st.builds(lambda c, more: {"role": "assistant", "content": c, **more}, texts, thinking)
    | st.builds(
        lambda cs, more: {"role": "assistant", "content": None, "tool_calls": cs, **more},
        st.lists(calls, min_size=1, max_size=3),
        thinking,
    )
    | st.builds(lambda i, c: {"role": "tool", "tool_call_id": i, "content": c}, texts, texts)
)
bodies = st.builds(
    lambda messages, fields: {"model": "a", "messages": messages, **fields},
    st.lists(turns, min_size=1, max_size=6),
    st.fixed_dictionaries(
        {},
        optional={
            "max_tokens": st.integers(0, 9),
            "max_completion_tokens": st.integers(0, 9),
            "store": st.booleans(),
            "top_k": st.integers(0, 9),
        },
    ),
)
targets = st.sampled_from([*TARGETS.values(), *(m.target for m in FAMILIES.values() if m.target is not None)])


def arguments_in(messages: list[dict[str, Any]]) -> list[str]:
    return [each["function"]["arguments"] for m in messages for each in m.get("tool_calls") or ()]


@given(bodies, targets)
def test_a_conversation_moved_anywhere_keeps_its_words_and_its_arguments(body: dict[str, Any], target: Target) -> None:
    there = json.loads(tailored(ask(body), "m", target, foreign=True)[0])
    assert arguments_in(there["messages"]) == arguments_in(body["messages"])
    for roles in (("user",), ("tool",), ("system", "developer"), ("assistant",)):
        left = words_of(there["messages"], roles)
        assert [
            said for said in words_of(body["messages"], roles) if said and not any(said in each for each in left)
        ] == []
    assert {"max_tokens", "max_completion_tokens"} & there.keys() <= {target.limit} or target.limit == BOTH
    assert there.keys() - body.keys() <= {target.limit}


@given(bodies, targets)
def test_every_result_still_follows_the_call_it_answers(body: dict[str, Any], target: Target) -> None:
    def answered(messages: list[dict[str, Any]]) -> list[str]:
        """The arguments of the call that each result names, where the message before the results makes it."""
        found: list[str] = []
        calls: dict[str, str] = {}
        for message in messages:
            if message["role"] == "tool":
                found += [calls[message["tool_call_id"]]] if message["tool_call_id"] in calls else []
            else:
                calls = {call["id"]: call["function"]["arguments"] for call in message.get("tool_calls") or ()}
        return found

    distinct = [call["id"] for m in body["messages"] for call in m.get("tool_calls") or ()]
    assume(len(set(distinct)) == len(distinct) and all(distinct))
    there = json.loads(tailored(ask(body), "m", target, foreign=True)[0])
    assert sorted(answered(there["messages"])) == sorted(answered(body["messages"]))


@given(bodies, targets, targets)
def test_a_conversation_that_goes_there_and_back_needs_no_second_mending(
    body: dict[str, Any], there: Target, back: Target
) -> None:
    once, _ = tailored(ask(body), "m", there, foreign=True)
    home, _ = tailored(parse(once), "m", back, foreign=True)
    again, notes = tailored(parse(home), "m", back, foreign=True)
    assert (json.loads(again), notes) == (json.loads(home), ())


def ask(body: dict[str, Any]) -> ChatRequest:
    return parse(orjson.dumps(body))


def words_of(messages: list[dict[str, Any]], roles: tuple[str, ...]) -> list[str]:
    contents = [m.get("content") or "" for m in messages if m["role"] in roles]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    return [c for c in contents if isinstance(c, str)] + [part.get("text", "") for part in parts]
