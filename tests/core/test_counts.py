"""A count is believed as far as bytes sent, bytes received and the window can hold it; else an estimate says so."""

import json
from typing import Any

import pytest

from router.core.counts import MAX_WINDOW, TEMPLATE_TOKENS, Carried, counted
from router.core.dialects.chat import ChatRequest, chat_of, parse
from router.core.dialects.completions import Completions
from router.core.dialects.dialect import Dialect, Original
from router.core.dialects.messages.messages import Messages
from router.core.dialects.responses.dialect import Responses
from router.core.prices import Usage

TEXT = 400
"""Characters of the usual prompt: 100 tokens, and 4 for its message."""
GUESS = Usage(input=104, output=25, source="estimate")
SEEN = Carried(sent=500, received=2000, chars=100)


def chat(content: Any = "x" * TEXT, **more: Any) -> ChatRequest:
    body = {"model": "auto", "messages": [{"role": "user", "content": content}], **more}
    return parse(json.dumps(body).encode())


def told(dialect: Dialect, **body: Any) -> ChatRequest:
    return chat_of(Original(dialect, dialect.parse(json.dumps({"model": "auto", **body}).encode())))


def said(prompt: Any, completion: Any, **reasoning: int) -> dict[str, Any]:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "completion_tokens_details": reasoning}


@pytest.mark.parametrize(
    ("usage", "carried"),
    [
        (said(101, 30), SEEN),
        (said(1, 30), SEEN),  # a server that cut the prompt counts little of it
        (said(500 + TEMPLATE_TOKENS, 2000), SEEN),
        (said(101, 5000, reasoning_tokens=4990), SEEN),  # hidden reasoning is in no byte
        (said(101, 0), Carried(sent=500, received=2000, chars=0)),
        (said(101, 1), Carried(sent=500, received=2000, chars=128)),  # a run of spaces
        (said(90, 30), Carried(sent=500, received=2000, chars=100, window=101)),
    ],
)
def test_a_count_that_bytes_and_window_hold_is_the_upstreams_own(usage: dict[str, Any], carried: Carried) -> None:
    used = counted(usage, carried, chat())
    assert (used.source, used.prompt, used.completion) == (
        "upstream",
        usage["prompt_tokens"],
        usage["completion_tokens"],
    )


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        {"total_tokens": 900},
        {"input_tokens": 300, "output_tokens": 600},
        said(None, None),
        said(-5, -9),
        said("300", "600"),
        said(True, True),
        said(0, 0),
        said(1e300, float("nan")),
        said(999_999_999_999, 999_999_999_999),
        said(500 + TEMPLATE_TOKENS + 1, 2001),
        said(MAX_WINDOW + 1, MAX_WINDOW + 1, reasoning_tokens=MAX_WINDOW + 1),
    ],
)
def test_a_count_that_cannot_be_is_an_estimate_and_says_so(usage: Any) -> None:
    assert counted(usage, SEEN, chat()) == GUESS


def test_the_half_that_can_be_true_is_kept_with_its_parts() -> None:
    usage = said(0, 30, reasoning_tokens=20)
    assert counted(usage, SEEN, chat()) == Usage(input=104, output=10, reasoning=20, source="estimate")
    usage = said(100, 10**9) | {"prompt_tokens_details": {"cached_tokens": 60}}
    assert counted(usage, SEEN, chat()) == Usage(input=40, cached=60, output=25, source="estimate")


def test_text_of_more_characters_than_its_tokens_can_have_was_not_counted() -> None:
    long = Carried(sent=500, received=20_000, chars=18_000)
    assert counted(said(9, 1), long, chat()) == Usage(input=9, output=4500, source="estimate")


def test_more_than_the_window_did_not_go_in() -> None:
    assert counted(said(101, 30), Carried(500, 2000, 100, window=100), chat()).input == GUESS.input
    assert counted(said(101, 200, reasoning_tokens=150), Carried(500, 2000, 100, 149), chat()).output == GUESS.output


PICTURE = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": "https://a.b/c.png"}}]
SEARCH = [{"type": "web_search"}]


@pytest.mark.parametrize(
    "request_",
    [
        chat(PICTURE),
        chat(web_search_options={"search_context_size": "low"}),
        told(Responses(native=True), input="hi", previous_response_id="resp_1"),
        told(Responses(native=True), input="hi", tools=SEARCH),
        told(
            Messages(native=True),
            max_tokens=9,
            messages=[{"role": "user", "content": "hi"}],
            tools=[{"type": "web_search_20250305", "name": "web_search"}],
        ),
    ],
)
def test_what_is_no_text_of_the_request_is_bounded_by_a_window_alone(request_: ChatRequest) -> None:
    assert counted(said(90_000, 30), SEEN, request_).source == "upstream"
    assert counted(said(MAX_WINDOW + 1, 30), SEEN, request_).source == "estimate"
    wordy = told(Responses(native=True), input="hi", store=True, prompt_cache_key="k", include=["odd"])
    assert counted(said(90_000, 30), SEEN, wordy).source == "estimate"


def test_a_picture_is_bounded_by_the_window_that_is_known() -> None:
    assert counted(said(90_000, 30), Carried(500, 2000, 100, window=8192), chat(PICTURE)).source == "estimate"


@pytest.mark.parametrize(
    ("request_", "completion"),
    [
        (chat(n=3), said(101, 3000, reasoning_tokens=2900)),
        (told(Completions(native=True), prompt="hi", best_of=4), said(101, 8000)),
        (chat(prediction={"type": "content", "content": "x" * 400}), said(101, 2400)),
    ],
)
def test_what_is_counted_and_never_sent_is_believed(request_: ChatRequest, completion: dict[str, Any]) -> None:
    assert counted(completion, Carried(500, 2000, 100, window=1000), request_).source == "upstream"


def test_an_echoed_prompt_is_text_that_was_not_written() -> None:
    asked = told(Completions(native=True), prompt="x" * TEXT, echo=True, logprobs=1)
    assert counted(said(101, 1), Carried(500, 2000, 400), asked) == Usage(input=101, output=1)


def test_a_count_of_an_answer_that_broke_off_is_the_least_of_it() -> None:
    cut = Carried(sent=500, received=20_000, chars=4000, whole=False)
    assert counted(said(101, 1), cut, chat()) == Usage(input=101, output=1000, source="estimate")
    assert counted(said(101, 1500), cut, chat()) == Usage(input=101, output=1500, source="estimate")
    assert counted(said(101, 10**9), cut, chat()) == Usage(input=101, output=1000, source="estimate")
    assert counted(None, cut, chat()) == Usage(input=104, output=1000, source="estimate")
