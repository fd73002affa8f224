"""One conversation, one session, one fate; two tenants never share either."""

import re
from statistics import mean
from typing import Any

import pytest

from router.core.errors import BadRequest
from router.core.session import MAX_HASHED, draw, named_session, session_of

FIRST = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]
LATER = [*FIRST, {"role": "assistant", "content": "hello"}, {"role": "user", "content": "and now?"}]


def of(messages: list[Any], header: str | None = None, key: str = "ada", **more: Any) -> str:
    return session_of({"messages": messages, **more}, header, key, b"salt")


def test_every_turn_of_a_conversation_has_one_session() -> None:
    assert of(FIRST) == of(LATER)


@pytest.mark.parametrize(
    "other",
    [
        of([{"role": "user", "content": "hi"}]),
        of([*FIRST[:1], {"role": "user", "content": "ho"}]),
        of(FIRST, tools=[{"type": "function"}]),
        of(FIRST, key="bob"),
        of(FIRST, "mine"),
        of(FIRST, prompt_cache_key="mine"),
    ],
)
def test_another_prompt_tool_set_name_or_tenant_is_another_conversation(other: str) -> None:
    assert of(FIRST) != other


def test_a_named_session_is_the_same_whatever_is_said_in_it() -> None:
    assert of(FIRST, "mine") == of(LATER[3:], "mine")
    assert of(FIRST, "mine") != of(FIRST, "mine", key="bob")


def test_the_header_wins_over_the_cache_key() -> None:
    assert of(FIRST, "mine", prompt_cache_key="theirs") == of(FIRST, "mine")


CLAUDE = "user_0a1b_account_11111111-2222_session_33333333-4444"


@pytest.mark.parametrize(
    "fields",
    [
        {"user": CLAUDE},
        {"metadata": {"user_id": CLAUDE}},
        {"user": '{"device_id": "d", "session_id": "33333333-4444"}'},
    ],
)
def test_a_session_inside_the_users_id_names_the_conversation(fields: dict[str, Any]) -> None:
    assert of(FIRST, **fields) == of(LATER[3:], **fields) == of(FIRST, "33333333-4444")


@pytest.mark.parametrize("user", ["ada@example.com", "{", '{"session_id": 5}', "[1]"])
def test_a_user_alone_names_no_conversation_and_tells_two_apart(user: str) -> None:
    assert of(FIRST, user=user) == of(LATER, user=user)
    assert of(FIRST, user=user) != of(FIRST)
    assert of(FIRST, user=user) != of([{"role": "user", "content": "ho"}], user=user)


def test_another_salt_is_another_id() -> None:
    body = {"messages": FIRST}
    assert session_of(body, None, "ada", b"salt") != session_of(body, None, "ada", b"pepper")


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({}, None),
        ({"x-router-session": "mine", "session-id": "theirs"}, "mine"),
        ({"session-id": "tree", "thread-id": "one"}, "thread-id:one"),
        ({"session-id": "tree"}, "session-id:tree"),
        ({"x-claude-code-session-id": "s"}, "x-claude-code-session-id:s"),
        ({"x-claude-code-session-id": "s", "x-claude-code-agent-id": "a"}, "x-claude-code-session-id:s/a"),
        ({"x-opencode-session": "s", "x-client-request-id": "r"}, "x-opencode-session:s"),
        ({"x-client-request-id": "r"}, None),
    ],
)
def test_the_agents_own_headers_name_the_conversation(headers: dict[str, str], name: str | None) -> None:
    assert named_session(headers) == name


def test_no_name_can_be_written_that_is_another_ones_fingerprint() -> None:
    assert of(FIRST, '["first",[[["user","hi"]],null]]') != of([{"role": "user", "content": "hi"}])


def test_the_clients_words_never_show() -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", of(FIRST, "secret-name"))


@pytest.mark.parametrize("odd", [5, "", None, ["x"]])
def test_a_cache_key_that_is_no_text_is_passed_over(odd: Any) -> None:
    assert of(FIRST, prompt_cache_key=odd) == of(FIRST)


def test_the_same_conversation_meets_the_same_fate_and_another_salt_another() -> None:
    assert draw("s", b"salt") == draw("s", b"salt")
    assert draw("s", b"salt") != draw("s", b"pepper")


def test_the_four_chances_are_even_and_know_nothing_of_each_other() -> None:
    draws = [draw(str(n), b"salt") for n in range(4000)]
    columns = {name: [getattr(d, name) for d in draws] for name in ("holdout", "explore", "pick", "canary")}
    for column in columns.values():
        assert all(0 <= value < 1 for value in column)
        assert mean(column) == pytest.approx(0.5, abs=0.02)
    for one in columns:
        for other in columns:
            if one < other:
                product = mean(a * b for a, b in zip(columns[one], columns[other], strict=True))
                assert product == pytest.approx(0.25, abs=0.02)


def test_what_is_nested_too_deep_to_be_told_apart_is_refused() -> None:
    deep: Any = "x"
    for _ in range(300):
        deep = [deep]
    with pytest.raises(BadRequest):
        of([{"role": "user", "content": deep}])


def test_of_a_long_beginning_both_ends_and_the_length_tell_conversations_apart() -> None:
    long = "word " * (MAX_HASHED // 4)
    firsts = (long, f"{long}a", f"a{long[1:]}", f"{long[:-1]}a")
    one, *others = [of([{"role": "user", "content": first}]) for first in firsts]
    assert one == of([{"role": "user", "content": long}])
    assert len({one, *others}) == len(firsts)
