"""What is passed on untranslated, searched first where the policy in force keeps personal data here."""

from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import unquote_plus

from policies.policy import Policy
from router.core.exchange import Exchange
from router.core.privacy.detect import KINDS, Found, detect
from router.core.signals import PRIVATE, Facts, gather
from router.core.upstream import Passage
from router.pipeline.kit import Kit
from router.pipeline.spilling import note
from router.pipeline.staying import must_stay

MOST = 4 << 20  # bytes; detectors give up on fewer characters than that
READABLE = ("application/json", "application/x-ndjson", "application/x-www-form-urlencoded", "text/")


async def searched(kit: Kit, exchange: Exchange, passage: Passage, policy: Policy | None) -> Passage:
    """`passage` with its body as it came; `exchange` then says whether it must stay, by the first rule that is met.

    A policy without `local_only` rules searches nothing and holds nothing back. Where one reads what the detectors
    find, a body that is text is read whole before it goes on; any other (a file, a form with files, more than 4 MiB)
    is unknown, which such a rule takes for private.
    """
    if policy is None or not policy.keeps:
        return passage
    text, found = unquote_plus(f"{passage.path} {passage.query}"), None
    if not policy.signals.isdisjoint(PRIVATE):
        passage, body = await _read(passage)
        found = Found(unknown=frozenset(KINDS), unseen=True)
        if body is not None:
            text = f"{text} {unquote_plus(body) if _is_form(passage) else body}"
            found = detect({"messages": [{"role": "user", "content": text}]})
    exchange.signals = gather(_facts(exchange, text, found), kit.facts)
    if must_stay(policy, exchange.signals):
        exchange.local_only = True
        note(exchange, "matched", f"a rule of the policy {policy.label} keeps it here")
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


async def _read(passage: Passage) -> tuple[Passage, str | None]:
    """The passage, its body read as far as need be, and its text; None where that cannot be read."""
    if passage.body is None:
        return passage, ""
    if not passage.headers.get("content-type", "").lower().startswith(READABLE):
        return passage, None
    body, pieces, size = aiter(passage.body), list[bytes](), 0
    async for piece in body:
        pieces.append(piece)
        size += len(piece)
        if size > MOST:
            return replace(passage, body=_chained(pieces, body)), None
    return replace(passage, body=_chained(pieces, None)), b"".join(pieces).decode("utf-8", "replace")


async def _chained(pieces: list[bytes], rest: AsyncIterator[bytes] | None) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    if rest is not None:
        async for piece in rest:
            yield piece


def _is_form(passage: Passage) -> bool:
    return passage.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded")
