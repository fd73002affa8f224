"""Content blocks of Messages, each as the part of a chat message that it means."""

from collections.abc import Mapping
from typing import Any

from router.core.dialects.messages.checks import mapping, sequence, text, unknown, unsupported

Part = dict[str, Any]
KNOWN = "text, image, document, search_result, tool_use, tool_result, thinking or redacted_thinking"


def content_of(parts: list[Part]) -> str | list[Part]:
    """Parts as a chat message's content: a lone plain text as a string, which every server reads."""
    if not parts:
        return ""
    if len(parts) == 1 and parts[0].keys() == {"type", "text"}:
        return str(parts[0]["text"])
    return parts


def parts_of(content: object, place: str) -> list[Part]:
    """The chat parts in a string or a list of blocks. Raises BadRequest naming the block."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    parts: list[Part] = []
    for index, block in enumerate(sequence(content, place)):
        at = f"{place}[{index}]"
        parts += block_parts(mapping(block, at), at)
    return parts


def block_parts(block: Mapping[str, Any], place: str) -> list[Part]:
    """The chat parts that one text, image, document or search_result block becomes."""
    match block.get("type"):
        case "text":
            parts = [{"type": "text", "text": text(block.get("text"), f"{place}.text")}]
        case "image":
            parts = [_image(mapping(block.get("source"), f"{place}.source"), f"{place}.source")]
        case "document":
            parts = _document(block, place)
        case "search_result":
            heading = [text(block.get(name), f"{place}.{name}") for name in ("title", "source")]
            parts = [*map(_text, heading), *parts_of(block.get("content"), f"{place}.content")]
        case kind:
            raise unknown(place, kind, KNOWN)
    if parts and block.get("cache_control") is not None:
        parts[-1] = {**parts[-1], "cache_control": block["cache_control"]}
    return parts


def _image(source: Mapping[str, Any], place: str) -> Part:
    match source.get("type"):
        case "base64":
            url = _data_url(source, place)
        case "url":
            url = text(source.get("url"), f"{place}.url")
        case "file":
            raise unsupported(place, "Send the image itself (base64) or its URL.")
        case kind:
            raise unknown(place, kind, "base64 or url")
    return {"type": "image_url", "image_url": {"url": url}}


def _document(block: Mapping[str, Any], place: str) -> list[Part]:
    """A document as a file part, or as text where it is text; title and context come before a text."""
    source, at = mapping(block.get("source"), f"{place}.source"), f"{place}.source"
    match source.get("type"):
        case "base64":
            name = block.get("title") or "document.pdf"
            return [*_about(block, "context"), _file(text(name, f"{place}.title"), _data_url(source, at))]
        case "text":
            return [*_about(block, "title", "context"), _text(text(source.get("data"), f"{at}.data"))]
        case "content":
            return [*_about(block, "title", "context"), *parts_of(source.get("content"), f"{at}.content")]
        case "url" | "file":
            raise unsupported(at, "Send the document itself (base64 or text).")
        case kind:
            raise unknown(at, kind, "base64, text or content")


def _about(block: Mapping[str, Any], *names: str) -> list[Part]:
    return [_text(block[name]) for name in names if isinstance(block.get(name), str) and block[name]]


def _file(name: str, data: str) -> Part:
    return {"type": "file", "file": {"filename": name, "file_data": data}}


def _text(words: str) -> Part:
    return {"type": "text", "text": words}


def _data_url(source: Mapping[str, Any], place: str) -> str:
    kind, data = text(source.get("media_type"), f"{place}.media_type"), text(source.get("data"), f"{place}.data")
    return f"data:{kind};base64,{data}"
