"""The search for personal data in a request that is passed on untranslated, where the policy in force demands it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

from policies.policy import Policy
from router.core.exchange import Exchange
from router.core.privacy.detect import KINDS, Found, detect
from router.core.reply import parsed
from router.core.signals import PRIVATE, Facts, gather
from router.core.upstream import Passage
from router.pipeline.dependencies import Dependencies
from router.pipeline.staying import must_stay

MAX_BYTES = 4 << 20  # bytes; detectors give up on fewer characters than that
ABOUT_THE_BODY = ("content-type", "content-length", "content-encoding")
OF_A_CHAT = "prompt_tokens max_tokens turns tools in_tool_loop json images audio n logprobs stream".split()
UNREAD = Found(unknown=frozenset(KINDS), unseen=True)
NDJSON, FORM = "application/x-ndjson", "application/x-www-form-urlencoded"
JSON = ("application/json", NDJSON)
READABLE = (*JSON, FORM, "text/")


async def searched(deps: Dependencies, exchange: Exchange, passage: Passage, policy: Policy | None) -> Passage:
    """Search `passage` and return it with its body as it came; `exchange.local_only` says whether it must stay.

    A policy without `local_only` rules searches nothing and holds nothing back. Where one reads what the detectors
    find, a body that is text is read whole before it goes on; any other (a file, a form with files, one that is
    compressed or not UTF-8, more than 4 MiB) is unknown, which such a rule takes for private. So is whatever else a
    rule reads of a chat: nobody counted the pictures, or the tokens, of a body that is no chat.
    """
    if policy is None or not policy.keeps:
        return passage
    said = (value for name, value in passage.headers.items() if name not in ABOUT_THE_BODY)
    text, found = unquote_plus(" ".join((passage.path, passage.query, *said))), None
    if not policy.signals.isdisjoint(PRIVATE):
        passage, body = await _read(passage)
        found = UNREAD if body is None else _found(passage, text, body)
    exchange.signals = gather(_facts(exchange, text, found), deps.facts)
    if passage.body is not None:
        exchange.signals |= dict.fromkeys(OF_A_CHAT)
    if must_stay(policy, exchange.signals):
        exchange.local_only = True
        exchange.note("matched", f"a rule of the policy {policy.label} keeps it here")
    return passage


def _facts(exchange: Exchange, text: str, found: Found | None) -> Facts:
    return Facts(
        body={"messages": [{"role": "user", "content": text}]},
        prompt_tokens=len(text) // 4,
        entrypoint=exchange.entrypoint,
        key=exchange.key,
        tags=exchange.tags,
        found=found,
    )


def _found(passage: Passage, text: str, body: str) -> Found:
    """What the detectors find in the words of a passage; in JSON they look at every value as it stands there."""
    content_type = passage.headers.get("content-type", "").lower()
    body = unquote_plus(body) if content_type.startswith(FORM) else body
    if "\0" in body:
        return UNREAD  # in other letters than ours
    looked_at: dict[str, Any] = {"messages": [{"role": "user", "content": f"{text} {body}"}]}
    if content_type.startswith(JSON):
        lines = body.splitlines() if content_type.startswith(NDJSON) else [body]
        looked_at["input"] = [parsed(line.encode()) for line in lines]
    return detect(looked_at)


async def _read(passage: Passage) -> tuple[Passage, str | None]:
    """The passage, its body read as far as need be, and its text; None where that cannot be read."""
    if passage.body is None:
        return passage, ""
    content_type = passage.headers.get("content-type", "").lower()
    encoded = passage.headers.get("content-encoding", "identity").lower() != "identity"
    if encoded or not content_type.startswith(READABLE) or not _is_utf_8(content_type):
        return passage, None
    body, pieces, size = aiter(passage.body), list[bytes](), 0
    async for piece in body:
        pieces.append(piece)
        size += len(piece)
        if size > MAX_BYTES:
            return replace(passage, body=_chained(pieces, body)), None
    try:
        return replace(passage, body=_chained(pieces, None)), b"".join(pieces).decode()
    except UnicodeDecodeError:
        return replace(passage, body=_chained(pieces, None)), None


async def _chained(pieces: list[bytes], rest: AsyncIterator[bytes] | None) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    if rest is not None:
        async for piece in rest:
            yield piece


def _is_utf_8(content_type: str) -> bool:
    _, named, charset = content_type.partition("charset=")
    return not named or charset.strip(" \"'").startswith(("utf-8", "utf8", "us-ascii"))
