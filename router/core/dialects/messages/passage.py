"""A Messages body passed on to an Anthropic upstream: only what other models put into it is mended."""

from collections.abc import Mapping
from typing import Any

from router.core.dialects.messages.checks import mappings_in
from router.core.sanitise.calls import made
from router.core.sanitise.target import ANTHROPIC_IDS

IDS = ("id", "tool_use_id")


def mended(body: Mapping[str, Any]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The body as Anthropic takes it, and what was changed; the same object where nothing need be.

    When another model answered earlier turns, its thoughts came back unsigned and its calls may
    have ids that Anthropic refuses. Everything else stays, hosted tools and their blocks included.
    """
    notes: dict[str, None] = {}
    turns = [_turn(turn, notes) for turn in mappings_in(body.get("messages"))]
    if not notes:
        return body, ()
    return {**body, "messages": [turn for turn in turns if turn.get("content") != []]}, tuple(notes)


def _turn(turn: Mapping[str, Any], notes: dict[str, None]) -> Mapping[str, Any]:
    content = turn.get("content")
    if not isinstance(content, list):
        return turn
    kept = [_block(block, notes) for block in content if not _unsigned(block)]
    if len(kept) < len(content):
        notes["thinking of another model left out"] = None
    return {**turn, "content": kept}


def _unsigned(block: object) -> bool:
    return isinstance(block, dict) and block.get("type") == "thinking" and not block.get("signature")


def _block(block: Any, notes: dict[str, None]) -> Any:
    if not isinstance(block, dict) or block.get("type") not in ("tool_use", "tool_result"):
        return block
    name = IDS[block["type"] == "tool_result"]
    old = block.get(name)
    if not isinstance(old, str) or ANTHROPIC_IDS.fit(old):
        return block
    notes["ids of calls changed"] = None
    return {**block, name: made(old, 0, ANTHROPIC_IDS.length)}
