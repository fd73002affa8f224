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
