"""Upstreams that count wrong or break off: what their calls cost is known, estimated or unknown, and never nothing."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.conftest import OpenHouse, Scripted
from tests.standins.acts import Act, event, stream_act
from tests.standins.claude import event as claude_event
from tests.standins.house import House
from tests.standins.scripted import ScriptedUpstream

WORDS = "word " * 500
PROMPT = "tell me a very long story " * 50
IN, OUT = 329, 625  # four characters a token, and four a message
CUT = 'a: {choices: [{"message": {"content": "' + "a" * 400
Story = tuple[House, ScriptedUpstream, ScriptedUpstream]


@pytest.fixture
def story(scripted: Scripted, open_house: OpenHouse) -> Story:
    small, big = scripted(), scripted()
    claude = f"claude: {{kind: anthropic, model: claude-9, price: {{input: 5, output: 25}}, url: '{big.url}'}}"
    impatient = (
        f"{{kind: openai, model: b, price: {{input: 5, output: 25}}, url: '{big.url}', timeout: {{total_s: 0.3}}}}"
    )
    return open_house({"small": small, "big": big}, row=f"{claude}\n  impatient: {impatient}"), small, big


def row_of(house: House) -> dict[str, Any]:
    return house.ledger("attempts")[-1]


def figures(house: House) -> tuple[str, int, int]:
    row = row_of(house)
    return row["usage_source"], row["input"] + row["cached"], row["output"]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    "usage",
    [
        None,
        {"prompt_tokens": None, "completion_tokens": None},
        {"prompt_tokens": -5, "completion_tokens": -9},
        {"input_tokens": 300, "output_tokens": 600},
        {"prompt_tokens": "300", "completion_tokens": "600"},
        {"prompt_tokens": 0, "completion_tokens": 0},
        {"prompt_tokens": 1e300, "completion_tokens": 1e300},
        {"prompt_tokens": 999_999_999_999, "completion_tokens": 999_999_999_999},
        {"total_tokens": 900},
    ],
)
def test_a_count_that_cannot_be_is_charged_as_an_estimate(usage: Any, stream: bool, story: Story) -> None:
    house, _, big = story
    big.streams([WORDS], usage=usage)
    answer = house.ask(PROMPT, model="big", stream=stream)
    assert answer.status_code == 200
    assert figures(house) == ("estimate", IN, OUT)
    assert row_of(house)["cost"] == IN * 2500 + OUT * 10_000


def test_a_small_servers_lie_is_no_saving(story: Story) -> None:
    house, small, _ = story
    small.says("Paris.", usage={"prompt_tokens": 10**9, "completion_tokens": 10**9})
    answer = house.ask("What is the capital of France?", max_tokens=10)
    assert float(answer.headers["x-router-baseline-usd"]) < 0.001


def test_the_baseline_would_not_have_written_more_than_the_client_allowed(story: Story) -> None:
    house, small, _ = story
    small.streams([WORDS], usage={"prompt_tokens": 20, "completion_tokens": 600})
    answer = house.ask("Go on.", max_tokens=10)
    assert answer.headers["x-router-upstream"] == "small"
    assert float(answer.headers["x-router-baseline-usd"]) == (20 * 2.5 + 10 * 10) / 10**6


def cut(*events: Mapping[str, Any]) -> Act:
    return stream_act([event(one) for one in events], end="cut")


def test_a_stream_that_was_cut_costs_what_had_come_of_it(story: Story) -> None:
    house, _, big = story
    delta = {"index": 0, "delta": {"content": "hello " * 3000}}
    big.does(lambda _: cut({"choices": [delta], "usage": {"prompt_tokens": 9, "completion_tokens": 1}}))
    house.ask("hi", model="big", stream=True)
    assert figures(house) == ("estimate", 9, 4500)


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_a_prompt_that_was_counted_at_the_beginning_is_known_when_the_stream_is_cut(path: str, story: Story) -> None:
    house, _, big = story
    begun = {
        "id": "m",
        "role": "assistant",
        "model": "c",
        "content": [],
        "usage": {"input_tokens": 300, "output_tokens": 1},
    }
    said = {"type": "text_delta", "text": "x" * 400}
    events = [claude_event("message_start", message=begun), claude_event("content_block_delta", index=0, delta=said)]
    big.does(lambda _: stream_act(events, end="cut"))
    body = {"model": "claude", "max_tokens": 500, "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    house.http.post(path, json=body)
    assert figures(house) == ("estimate", 300, 100)


@pytest.mark.parametrize(
    ("act", "least"),
    [
        (Act([CUT.encode()], end="cut"), 100),
        (Act([b"<h1>Sign in</h1>"]), 1),
        (Act([]), 0),
        (Act(head=False, end="cut"), 0),
    ],
    ids=["cut inside its body", "a page", "an empty body", "no answer"],
)
def test_a_paid_call_that_may_have_been_answered_costs_something(act: Act, least: int, story: Story) -> None:
    house, _, big = story
    big.does(lambda _: act)
    assert house.ask(PROMPT, model="big").status_code == 502
    source, into, out = figures(house)
    assert (source, into) == ("estimate", IN)
    assert least <= out <= least + 50
    assert row_of(house)["cost"] > 0
    (exchange,) = house.ledger("exchanges")
    assert exchange["baseline_cost"] is None  # what failed says nothing of what the baseline would have cost


@pytest.mark.parametrize(
    "piece", [b'data: {"choices": [{"index": 0, "delta": {"content": "hel', b"\x00\x01\n\ndata: 3\n\n"]
)
def test_a_stream_that_breaks_off_inside_an_event_costs_something(piece: bytes, story: Story) -> None:
    house, _, big = story
    big.does(lambda _: stream_act([piece]))
    assert house.ask(PROMPT, model="big", stream=True).status_code == 502
    assert figures(house) == ("estimate", IN, 0)
    assert row_of(house)["error"] == "invalid_answer"


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_so_does_one_of_another_dialect(path: str, story: Story) -> None:
    house, _, big = story
    big.does(lambda _: stream_act([b'event: message_start\ndata: {"type": "mess\n\n']))
    body = {"model": "claude", "max_tokens": 500, "stream": True, "messages": [{"role": "user", "content": PROMPT}]}
    assert house.http.post(path, json=body).status_code == 502
    assert figures(house) == ("estimate", IN, 0)


def test_an_error_inside_a_stream_that_said_nothing_costs_nothing(story: Story) -> None:
    house, _, big = story
    big.errs_in_band()
    house.ask(PROMPT, model="big", stream=True)
    assert (row_of(house)["error"], row_of(house)["cost"]) == ("in_band", 0)


def test_a_paid_call_that_took_too_long_costs_what_it_read(story: Story) -> None:
    house, _, big = story
    big.hangs()
    assert house.ask(PROMPT, model="impatient").status_code == 504
    assert figures(house) == ("estimate", IN, 0)


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_a_refusal_costs_nothing(status: int, story: Story) -> None:
    house, _, big = story
    big.fails(status)
    house.ask(PROMPT, model="big")
    row = row_of(house)
    assert (row["usage_source"], row["cost"]) == (None, 0)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (b'{"choices": [{"message": {"content": "\xff!"}, "logprobs": {"content": [{"logprob": NaN}]}}]}', "�!"),
        (b'{"id": "\\ud800", "choices": [{"message": {"content": "\\ud800!"}, "finish_reason": "stop"}]}', "?!"),
    ],
    ids=["bytes that are no text, and no number", "half a character"],
)
@pytest.mark.parametrize("reply_model", ["served", "requested"])
def test_a_whole_answer_is_mended_as_a_streams_are(
    said: bytes, read: str, reply_model: str, scripted: Scripted, open_house: OpenHouse
) -> None:
    big = scripted().sends(said)
    house = open_house({"small": scripted(), "big": big}, extra=f"reply_model: {reply_model}\n")
    answer: httpx.Response = house.ask(PROMPT, model="big")
    assert answer.status_code == 200
    assert json.loads(answer.content.decode())["choices"][0]["message"]["content"] == read
    assert figures(house) == ("estimate", IN, 1)
