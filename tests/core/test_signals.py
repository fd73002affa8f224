"""The facts that policies may read: each computed from the request or the upstream's state, unknown where unknown."""

from typing import Any

import pytest

from router.core.signals import CATALOGUE, FACTS, READABLE, Facts, facts_of, gather, hides_a_picture
from router.core.upstream import UpstreamSpec, UpstreamState

PICTURE = {"type": "image_url", "image_url": {"url": "data:,"}}
SOUND = {"type": "input_audio", "input_audio": {}}
USER = {"role": "user", "content": "hi"}


def signals(body: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return gather(Facts(body={"messages": [USER], **body}, prompt_tokens=7, **facts), {})


@pytest.mark.parametrize(
    ("body", "name", "value"),
    [
        ({}, "prompt_tokens", 7),
        ({}, "turns", 1),
        ({"messages": [USER, {"role": "assistant", "content": "yes"}, USER]}, "turns", 2),
        ({"tools": [{}, {}]}, "tools", 2),
        ({"tools": None}, "tools", 0),
        ({"messages": [USER, {"role": "tool", "content": "42"}]}, "in_tool_loop", True),
        ({}, "in_tool_loop", False),
        ({"response_format": {"type": "json_object"}}, "json", True),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, "json", True),
        ({"response_format": {"type": "text"}}, "json", False),
        ({"response_format": "json"}, "json", False),
        ({"messages": [{"role": "user", "content": [PICTURE, SOUND, PICTURE, None, 5]}]}, "images", 2),
        ({"messages": [{"role": "user", "content": [PICTURE, SOUND]}]}, "audio", 1),
        ({"n": 3}, "n", 3),
        ({"n": "three"}, "n", 1),
        ({"logprobs": True}, "logprobs", True),
    ],
)
def test_a_signal_is_read_off_the_request(body: dict[str, Any], name: str, value: Any) -> None:
    assert signals(body)[name] == value


def test_a_request_has_every_signal_of_the_catalogue_and_no_other() -> None:
    assert list(signals({})) == list(CATALOGUE)


def test_no_limit_on_the_answer_is_zero() -> None:
    assert signals({})["max_tokens"] == 0
    assert signals({}, max_tokens=50)["max_tokens"] == 50


def test_who_asks_and_what_for_are_signals_too() -> None:
    told = signals({}, stream=True, entrypoint="mail", key="ada", tags={"team": "search"})
    assert (told["stream"], told["entrypoint"], told["key"], told["tag.team"]) == (True, "mail", "ada", "search")


def test_p_good_alone_is_about_the_first_local_upstream() -> None:
    told = signals({}, p_good={"small": 0.8, "second": 0.3}, first="small")
    assert (told["p_good"], told["p_good.small"], told["p_good.second"]) == (0.8, 0.8, 0.3)


def test_p_good_is_unknown_where_nobody_computed_it() -> None:
    assert signals({})["p_good"] is None
    assert signals({}, first="small")["p_good"] is None


def test_a_tag_or_a_fact_cannot_pass_for_a_signal_of_the_catalogue() -> None:
    told = signals({}, tags={"p_good": "1", "local_only": "0"})
    assert told["p_good"] is None
    assert "local_only" not in told


def test_the_facts_of_an_upstream_come_from_its_row_before_its_state() -> None:
    spec = UpstreamSpec("small", "openai", "m", context=8192, supports=frozenset({"tools"}))
    told = facts_of(spec, UpstreamState("busy", context=4096, slots=2))
    assert told["small.context"] == 8192
    assert told["small.slots"] == 2
    assert told["small.ready"] is True
    assert told["small.supports_tools"] is True
    assert told["small.supports_vision"] is False


def test_what_nobody_has_said_of_an_upstream_is_unknown() -> None:
    told = facts_of(UpstreamSpec("small", "openai", "m"), None)
    assert (told["small.context"], told["small.slots"], told["small.ready"]) == (None, None, None)


@pytest.mark.parametrize("phase", ["absent", "loading", "failing"])
def test_an_upstream_that_cannot_answer_now_is_not_ready(phase: Any) -> None:
    assert facts_of(UpstreamSpec("small", "openai", "m"), UpstreamState(phase))["small.ready"] is False


def test_every_fact_of_an_upstream_is_in_the_catalogue_of_facts() -> None:
    told = facts_of(UpstreamSpec("small", "openai", "m"), None)
    assert set(told) == {f"small.{fact}" for fact in FACTS}
    assert {f"supports_{name}" for name in READABLE} <= set(FACTS)


def test_every_signal_and_fact_has_one_sentence_about_it() -> None:
    sentences = [*CATALOGUE.values(), *FACTS.values()]
    assert [about for about in sentences if not about[0].isupper() or not about.endswith(".")] == []


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        (b'{"content": {"type": "input_image", "image_url": "https://x.org/a"}}', True),
        (b'{"input": [{"type": "computer_call_output", "output": {"type": "computer_screenshot"}}]}', True),
        (b'{"file": {"file_data": "data:image/png;base64,iVBO"}}', True),
        (b'{"content": "what does \\"input_image\\" mean?"}', False),
    ],
)
def test_a_picture_is_seen_in_whatever_part_or_item_it_comes(raw: bytes, seen: bool) -> None:
    assert hides_a_picture(raw) is seen
