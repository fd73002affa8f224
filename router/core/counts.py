"""Checks an upstream's token counts: no more than its bytes and window allow, no less than its text needs."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from router.core.dialects.chat import ChatRequest
from router.core.prices import Usage
from router.core.reply import CHARS_PER_TOKEN, estimate, usage_of
from router.core.tokens import prompt_tokens

ESTIMATE = "estimate"
TEMPLATE_TOKENS = 4096  # what a server's own template and hidden instructions may add to a prompt
MAX_WINDOW = 20_000_000  # tokens; twice the largest that any model has today
MAX_TOKEN_CHARS = 256  # characters; the longest in today's vocabularies is a run of 128 spaces
MAX_CHOICES = 128  # what OpenAI's `n` may be
OUR_TOOLS = ("function", "custom")  # those that a client carries out; a server's own bring in text of their own
# What a chat body cannot say of a request because the server holds it, as the dialects note it.
_HELD_THERE = re.compile(
    r"tools(?:\[\d+\])?|messages\[\d+\](?:\.content\[\d+\])+|input\[\d+\](?:.*\.file_(?:id|url))?"
    r"|previous_response_id|conversation|prompt|mcp_servers|container"
)


class Carried(Struct, frozen=True, gc=False):
    """What one call carried: bytes `sent` and `received`, and the `chars` of text among them.

    `window`: the upstream's context in tokens. `whole`: whether the answer is complete; for one that is not, a count on
    the way is only a lower bound.
    """

    sent: int
    received: int
    chars: int
    window: int | None = None
    whole: bool = True


def counted(usage: Mapping[str, Any] | None, carried: Carried, request: ChatRequest) -> Usage:
    """The upstream's count as far as it can be true; an estimate stands in for the other half, or for both.

    `source` is `upstream` only where both halves are the upstream's own. A byte makes at most one token, so a prompt
    of text has at most as many tokens as bytes, and what the server's template adds; pictures, files and what the
    server keeps itself are not held in bytes, and only the window bounds them. An answer has at most as many tokens
    as bytes, hidden reasoning apart, and a token has at most 256 characters.
    """
    said = usage_of(usage or {})
    into, out = _went_in(said.prompt, carried, request), carried.whole and _came_out(said, carried, request)
    if into and out:
        return said
    guess = estimate(CHARS_PER_TOKEN * prompt_tokens(request.body), carried.chars)
    if not into:
        said = replace(said, input=guess.input, cached=0, cache_write=0)
    if not out:
        least = said.completion if not carried.whole and _at_most(said, carried, request) else 0
        said = replace(said, output=max(guess.output, least), reasoning=0)
    return replace(said, source=ESTIMATE)


def _went_in(tokens: int, carried: Carried, request: ChatRequest) -> bool:
    window = carried.window or MAX_WINDOW
    if 0 < tokens <= min(carried.sent + TEMPLATE_TOKENS, window):
        return True
    if tokens <= 0 or tokens > MAX_WINDOW:
        return False
    return _asks_there(request) or (tokens <= window and not _is_text(request))


def _came_out(said: Usage, carried: Carried, request: ChatRequest) -> bool:
    enough = said.completion * MAX_TOKEN_CHARS >= carried.chars or _echoes(request)
    return enough and _at_most(said, carried, request)


def _at_most(said: Usage, carried: Carried, request: ChatRequest) -> bool:
    """Whether the answer can have been that long."""
    window = carried.window or MAX_WINDOW
    if said.output <= carried.received and said.reasoning <= window:
        return True
    choices = _choices(request)
    predicted = carried.sent if request.body.get("prediction") else 0  # what was guessed wrong is counted, not sent
    if said.output > carried.received * choices + predicted:
        return False
    return said.reasoning <= (MAX_WINDOW if _asks_there(request) else window * choices)


def _choices(request: ChatRequest) -> int:
    """How many answers were asked for; of `best_of` only the best one is sent."""
    asked = (body.get(name) for body in _bodies(request) for name in ("n", "best_of"))
    return min(MAX_CHOICES, max((one for one in asked if isinstance(one, int)), default=1) or 1)


def _echoes(request: ChatRequest) -> bool:
    """Whether the prompt is part of the answer's text."""
    return any(body.get("echo") for body in _bodies(request))


def _asks_there(request: ChatRequest) -> bool:
    """Whether the server adds what only it has: tools of its own, an earlier conversation, a stored prompt."""
    original = request.original
    noted = original.request.stripped if original is not None and original.dialect.name != "completions" else ()
    if any(map(_HELD_THERE.fullmatch, noted)):
        return True
    tools = request.body.get("tools") or ()
    hosted = any(isinstance(tool, dict) and tool.get("type") not in OUR_TOOLS for tool in tools)
    return hosted or bool(request.body.get("web_search_options"))


def _is_text(request: ChatRequest) -> bool:
    """Whether every part of the messages is text."""
    contents = (message.get("content") for message in request.body["messages"])
    parts = (part for content in contents if isinstance(content, list) for part in content)
    return all(isinstance(part, dict) and isinstance(part.get("text"), str) for part in parts)


def _bodies(request: ChatRequest) -> Iterator[Mapping[str, Any]]:
    """The chat body, and the client's own where it spoke another dialect."""
    yield request.body
    if request.original is not None:
        yield request.original.request.body
