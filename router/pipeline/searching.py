"""Searches a request that is passed on untranslated for personal data, if the policy in force asks for it."""

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

MAX_BYTES = 4 << 20  # the detectors search fewer characters than this anyway
ABOUT_THE_BODY = ("content-type", "content-length", "content-encoding")
OF_A_CHAT = "prompt_tokens max_tokens turns tools in_tool_loop json images audio n logprobs stream".split()
UNREAD = Found(unknown=frozenset(KINDS), unseen=True)
NDJSON, FORM = "application/x-ndjson", "application/x-www-form-urlencoded"
JSON = ("application/json", NDJSON)
READABLE = (*JSON, FORM, "text/")


async def searched(deps: Dependencies, exchange: Exchange, passage: Passage, policy: Policy | None) -> Passage:
    """Search `passage`, and return it with its body unchanged; `exchange.local_only` becomes true if it must stay here.

    If the policy has no `local_only` rule, nothing is searched or held back. If it reads what the detectors find, a
    body of text is read whole before it is sent. Any other body (a file, a form with files, compressed, not UTF-8, over
    4 MiB) is unknown, which a `local_only` rule takes for private. So are all signals that count something in a chat,
    such as pictures or tokens.
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
        exchange.note("matched", f"a rule of the policy {policy.label} keeps it local")
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
    """What the detectors find in the text of a passage. In JSON they look at every value."""
    content_type = passage.headers.get("content-type", "").lower()
    body = unquote_plus(body) if content_type.startswith(FORM) else body
    if "\0" in body:
        return UNREAD  # another encoding, such as UTF-16
    looked_at: dict[str, Any] = {"messages": [{"role": "user", "content": f"{text} {body}"}]}
    if content_type.startswith(JSON):
        lines = body.splitlines() if content_type.startswith(NDJSON) else [body]
        looked_at["input"] = [parsed(line.encode()) for line in lines]
    return detect(looked_at)


async def _read(passage: Passage) -> tuple[Passage, str | None]:
    """The passage, to be sent in its place, and the text of its body; None if that cannot be searched."""
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
