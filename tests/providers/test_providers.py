"""Every upstream of docs/providers, asked through a running proxy, before a server that speaks its own format.

What is checked here is the table of docs/providers/README.md: a column is a test, a row is a provider.
"""

import json
from decimal import Decimal
from typing import Any

from tests.providers.conftest import Staged
from tests.standins.providers import ENVIRON
from tests.standins.wires import Answer

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PICTURE = [
    {"type": "text", "text": "What colour is it?"},
    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
CALL = ("toolu00a1", "weather", {"city": "Paris"})


def events(text: str) -> list[Any]:
    """The chunks of a stream; it must end as OpenAI's do."""
    said = [event.removeprefix("data: ") for event in text.split("\n\n") if event.startswith("data: ")]
    assert said[-1] == "[DONE]"
    return [json.loads(event) for event in said[:-1]]


def test_it_answers_whole(staged: Staged) -> None:
    answer = staged.ask()
    assert (answer.status_code, answer.json()["object"]) == (200, "chat.completion"), answer.text
    (choice,) = answer.json()["choices"]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("six times seven", "stop")
    assert staged.sent.path == staged.provider.path
    name, begins = staged.provider.unlocked
    assert staged.sent.headers[name].startswith(begins)


def test_it_streams_the_same_answer(staged: Staged) -> None:
    answer = staged.ask(stream=True, stream_options={"include_usage": True})
    assert answer.headers["content-type"].startswith("text/event-stream"), answer.text
    chunks = events(answer.text)
    choices = [chunk["choices"][0] for chunk in chunks if chunk["choices"]]
    assert choices[0]["delta"]["role"] == "assistant"
    pieces = [choice["delta"].get("content") or "" for choice in choices]
    assert ("".join(pieces), sum(map(bool, pieces))) == ("six times seven", 3)
    assert [choice["finish_reason"] for choice in choices if choice.get("finish_reason")] == ["stop"]
    assert {chunk["usage"]["total_tokens"] for chunk in chunks if chunk.get("usage")} == {sum(staged.provider.counts)}
    assert (chunks[-1]["choices"], bool(chunks[-1]["usage"])) == ([], True)
    assert staged.sent.path == (staged.provider.stream_path or staged.provider.path)


def test_its_tools_are_called(staged: Staged) -> None:
    staged.tells(Answer(calls=(CALL,), counts=staged.provider.counts))
    whole = staged.ask("Weather in Paris?", tools=[WEATHER]).json()["choices"][0]
    assert staged.provider.wire.tools(staged.sent.json) == ["weather"]
    streamed = events(staged.ask("Weather in Paris?", tools=[WEATHER], stream=True).text)
    deltas = [choice["delta"] for chunk in streamed for choice in chunk["choices"]]
    pieces = [piece for delta in deltas for piece in delta.get("tool_calls") or ()]
    assert whole["finish_reason"] == "tool_calls"
    assert json.loads(whole["message"]["tool_calls"][0]["function"]["arguments"]) == {"city": "Paris"}
    assert pieces[0]["function"]["name"] == whole["message"]["tool_calls"][0]["function"]["name"] == "weather"
    assert json.loads("".join(piece["function"].get("arguments") or "" for piece in pieces)) == {"city": "Paris"}


def test_a_tools_result_goes_back(staged: Staged) -> None:
    staged.tells(Answer(calls=(CALL,), counts=staged.provider.counts))
    asked = {"role": "user", "content": "Weather in Paris?"}
    called = staged.ask([asked], tools=[WEATHER]).json()["choices"][0]["message"]
    staged.tells(Answer("It is mild", counts=staged.provider.counts))
    result = {"role": "tool", "tool_call_id": called["tool_calls"][0]["id"], "content": "17 degrees"}
    answer = staged.ask([asked, called, result], tools=[WEATHER])
    assert answer.json()["choices"][0]["message"]["content"] == "It is mild", answer.text
    assert "17 degrees" in json.dumps(staged.provider.wire.result(staged.sent.json))


def test_an_image_reaches_it(staged: Staged) -> None:
    answer = staged.ask([{"role": "user", "content": PICTURE}])
    assert answer.status_code == 200, answer.text
    assert staged.provider.wire.image(staged.sent.json) == PIXEL


def test_a_client_that_is_too_fast_is_told_so(staged: Staged) -> None:
    said = staged.provider.errors["limited"]
    staged.server.does(lambda _: said)
    answer = staged.ask()
    assert (answer.status_code, answer.headers.get("retry-after")) == (429, said.headers.get("retry-after"))
    assert staged.attempt(answer)["error"] == "429"


def test_a_prompt_that_is_too_long_is_known_for_one(staged: Staged) -> None:
    said = staged.provider.errors["too_long"]
    staged.server.does(lambda _: said)
    answer = staged.ask()
    assert answer.status_code == said.status
    assert staged.attempt(answer)["error"] == "context_overflow"


def test_a_wrong_key_is_the_operators_and_never_shown(staged: Staged) -> None:
    said = staged.provider.errors["denied"]
    staged.server.does(lambda _: said)
    answer = staged.ask()
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "upstream_auth")
    assert [key for key in ENVIRON.values() if key in answer.text] == []


def test_its_tokens_are_counted_and_the_cached_ones_apart(staged: Staged) -> None:
    fresh, cached, written, output, reasoning = staged.provider.counts
    for more in ({}, {"stream": True}):
        row = staged.attempt(staged.ask(**more))
        assert (row["input"], row["cached"], row["cache_write"]) == (fresh, cached, written)
        assert (row["output"], row["reasoning"], row["usage_source"]) == (output, reasoning, "upstream")


def test_its_price_is_exact(staged: Staged) -> None:
    fresh, cached, written, output, reasoning = staged.provider.counts
    figures = staged.page.rows[staged.provider.upstream]["price"]
    price = {name: Decimal(str(figure)) for name, figure in figures.items() if name != "above"}
    micro_dollars = (
        fresh * price["input"]
        + cached * price.get("cached_input", price["input"])
        + written * price.get("cache_write", price["input"])
        + (output + reasoning) * price["output"]
    )
    answer = staged.ask()
    row = staged.attempt(answer)
    assert (row["price_state"], row["price_source"], row["cost"]) == ("known", "config.yaml", micro_dollars * 1000)
    assert Decimal(answer.headers["x-router-cost-usd"]) == micro_dollars / 10**6


def test_what_is_left_out_stands_in_the_ledger(staged: Staged) -> None:
    answer = staged.ask(seed=7, user="u", logit_bias={"1": 1})
    assert answer.status_code == 200, answer.text
    row = staged.attempt(answer)
    arrived = _names(staged.sent.json)  # Anthropic's own name for the user is `user_id`
    gone = {name for name in ("seed", "user", "logit_bias") if not any(found.startswith(name) for found in arrived)}
    assert {name for name in gone if f"{name} left out" in row["changes"]} == gone, row["changes"]


def _names(body: Any) -> set[str]:
    """Every name in a body, however deep, in one spelling."""
    if isinstance(body, dict):
        return {name for key, value in body.items() for name in ({str(key)} | _names(value))}
    return {name for value in body for name in _names(value)} if isinstance(body, list) else set()
