"""What the SDKs make of our answers when something fails: when they ask again, and that a request counts once."""

from typing import Any

import openai
import pytest
from anthropic import Anthropic
from openai import OpenAI

from tests.clients.conftest import SORRY, Served

HI: list[Any] = [{"role": "user", "content": "hi"}]
LIMITED = {"retry-after-ms": "40", "x-ratelimit-remaining-requests": "0"}


@pytest.fixture
def client(served: Served) -> OpenAI:
    """As it comes: two retries."""
    return OpenAI(base_url=served.url, api_key="any")


@pytest.fixture
def claude(served: Served) -> Anthropic:
    return Anthropic(base_url=served.root, api_key="any")


def counted_once(served: Served, tries: int) -> None:
    """The ledger holds every try, and each but the first says which one it repeats."""
    rows = served.ledger("exchanges")
    assert [row["client_retry"] for row in rows] == list(range(tries))
    assert [row["retry_of"] for row in rows] == ["", *(row["id"] for row in rows[:-1])]
    assert [row["outcome"] for row in rows] == ["failed"] * (tries - 1) + ["answered"]


def test_openai_asks_again_when_it_was_told_to_and_the_ledger_counts_one_request(
    client: OpenAI, served: Served
) -> None:
    served.big.fails(429, headers=LIMITED).then.says("Hello again")
    assert client.chat.completions.create(model="big", messages=HI).choices[0].message.content == "Hello again"
    assert len(served.big.requests) == 2
    counted_once(served, tries=2)


def test_a_stream_that_could_not_begin_is_asked_for_again(client: OpenAI, served: Served) -> None:
    served.big.fails(503, headers={"retry-after-ms": "40"}).then.says("Hello again")
    chunks = client.chat.completions.create(model="big", messages=HI, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Hello again"
    counted_once(served, tries=2)


def test_anthropic_asks_again_when_it_was_told_to_and_the_ledger_counts_one_request(
    claude: Anthropic, served: Served
) -> None:
    served.big.fails(429, headers=LIMITED).then.says("Hello again")
    whole: Any = claude.messages.create(model="big", max_tokens=50, messages=HI)
    assert whole.content[0].text == "Hello again"
    counted_once(served, tries=2)


def test_what_asking_again_cannot_mend_is_asked_once(client: OpenAI, claude: Anthropic, served: Served) -> None:
    served.big.fails(429, {"error": {"message": "pay", "type": "insufficient_quota", "code": "insufficient_quota"}})
    with pytest.raises(openai.RateLimitError) as raised:
        client.chat.completions.create(model="big", messages=HI)
    assert raised.value.code == "insufficient_quota"
    with pytest.raises(Exception, match="pay"):
        claude.messages.create(model="big", max_tokens=50, messages=HI)
    served.big.fails(401)
    with pytest.raises(openai.InternalServerError) as ours:
        client.chat.completions.create(model="big", messages=HI)
    assert (ours.value.status_code, ours.value.response.headers["x-should-retry"]) == (502, "false")
    assert len(served.big.requests) == 3


def test_a_key_carries_a_request_out_once_for_both_sdks(client: OpenAI, claude: Anthropic, served: Served) -> None:
    served.small.says(SORRY)
    named: Any = {"Idempotency-Key": "order-66"}
    first = client.chat.completions.create(model="auto", messages=HI, extra_headers=named)
    again = client.chat.completions.create(model="auto", messages=HI, extra_headers=named)
    assert (first.choices[0].message.content, again.id) == ("Hello from big", first.id)
    with pytest.raises(openai.UnprocessableEntityError) as raised:
        client.chat.completions.create(model="auto", messages=[*HI, *HI], extra_headers=named)
    assert raised.value.code == "idempotency_key_reused"
    other: Any = {"Idempotency-Key": "order-67"}
    one: Any = claude.messages.create(model="auto", max_tokens=50, messages=HI, extra_headers=other)
    two: Any = claude.messages.create(model="auto", max_tokens=50, messages=HI, extra_headers=other)
    assert two.id == one.id
    assert len(served.big.requests) == 2
    assert [row["outcome"] for row in served.ledger("exchanges")] == ["answered", "refused", "answered"]
