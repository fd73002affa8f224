"""A Messages body that an Anthropic upstream will get unchanged, and the chat body to decide by."""

from collections.abc import Mapping
from typing import Any

from router.core.dialects.dialect import Translated
from router.core.dialects.messages.checks import mappings_in
from router.core.dialects.messages.request import REFUSED, chat_of, envelope

READABLE = frozenset("text image document search_result tool_use tool_result thinking redacted_thinking".split())
SOURCES = frozenset({"base64", "url", "text", "content"})
HELD_THERE = ("image", "document")


def parse_natively(raw: bytes) -> Translated:
    """The request and as much of it as a chat can say. Raises BadRequest for what is wrong in any dialect."""
    request = envelope(raw)
    notes: dict[str, None] = {}
    chat, stripped = chat_of(_readable(request.body, notes))
    return request.translated(chat, (*stripped, *notes))


def _readable(body: Mapping[str, Any], notes: dict[str, None]) -> Mapping[str, Any]:
    """The body without what only Anthropic understands: hosted tools and their blocks, files it holds."""
    kept = {name: value for name, value in body.items() if name not in REFUSED}
    notes |= dict.fromkeys(name for name in REFUSED if body.get(name))
    tools = [tool for tool in mappings_in(body.get("tools")) if tool.get("type") in (None, "custom")]
    if isinstance(body.get("tools"), list) and len(tools) < len(body["tools"]):
        notes["tools"] = None
        kept["tools"] = tools
        kept.pop("tool_choice", None)
    if isinstance(body.get("messages"), list):
        kept["messages"] = [_turn(turn, f"messages[{i}]", notes) for i, turn in enumerate(body["messages"])]
    return kept


def _turn(turn: Any, place: str, notes: dict[str, None]) -> Any:
    content = turn.get("content") if isinstance(turn, dict) else None
    if not isinstance(content, list):
        return turn
    kept = [_block(block, notes, f"{place}.content[{i}]") for i, block in enumerate(content)]
    return {**turn, "content": [block for block in kept if block is not None]}


def _block(block: Any, notes: dict[str, None], place: str) -> Any:
    """The block, its own contents made readable too; None for one that no chat can say."""
    if not isinstance(block, dict):
        return block
    kind, source = block.get("type"), block.get("source")
    held = kind in HELD_THERE and isinstance(source, dict) and _held(kind, source)
    if (isinstance(kind, str) and kind not in READABLE) or held:
        notes[place] = None
        return None
    if isinstance(block.get("content"), list):
        inner = [_block(part, notes, f"{place}.content[{i}]") for i, part in enumerate(block["content"])]
        return {**block, "content": [part for part in inner if part is not None]}
    return block


def _held(kind: str, source: Mapping[str, Any]) -> bool:
    """Whether what the block shows lies where only Anthropic can get it."""
    lies = source.get("type")
    return not isinstance(lies, str) or lies not in SOURCES or (kind == "document" and lies == "url")
