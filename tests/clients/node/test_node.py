"""The openai package for Node and the Vercel AI SDK, each a script of node/."""

from collections.abc import Callable

from tests.clients.conftest import Served


def test_the_openai_package_reads_whole_streamed_and_responses(
    served: Served, answered: str, node: Callable[..., str]
) -> None:
    assert node("openai.mjs", served.url).splitlines() == [answered] * 3 + ["NotFoundError"]


def test_the_ai_sdk_reads_chat_and_responses_through_both_providers(
    served: Served, answered: str, node: Callable[..., str]
) -> None:
    assert node("ai.mjs", served.url).splitlines() == [answered] * 6


def test_the_openai_package_asks_again_when_it_was_told_to_and_the_ledger_counts_one_request(
    served: Served, node: Callable[..., str]
) -> None:
    served.big.fails(429, headers={"retry-after-ms": "40"}).then.says("Hello again")
    said = node("retries.mjs", served.url, "big").splitlines()
    assert said == ["Hello again", "true", "422 idempotency_key_reused"]
    assert len(served.big.requests) == 3
    rows = served.ledger("exchanges")
    assert [(row["outcome"], row["client_retry"]) for row in rows] == [
        ("failed", 0), ("answered", 1), ("answered", 0), ("refused", 0),
    ]  # fmt: skip
    assert rows[1]["retry_of"] == rows[0]["id"]
