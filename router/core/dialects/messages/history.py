"""Chat messages as the turns that Anthropic takes: user and assistant, in blocks."""

from collections.abc import Mapping, Sequence
from typing import Any

from router.core.dialects.messages.checks import mapping, sequence, text, unknown, unsupported
from router.core.dialects.messages.spoken import blocks_in, call_id, function_of, input_of

Block = dict[str, Any]
SYSTEM = ("system", "developer")


def split(messages: Sequence[Any]) -> tuple[list[Block], list[dict[str, Any]]]:
    """The system prompt's blocks and the turns.

    System messages go to the top wherever they stood, since most Claude models take them nowhere
    else. Neighbours of one role become one turn, which puts results beside their calls; what is
    empty is left out, because Anthropic refuses it. Raises BadRequest naming the place.
    """
    system: list[Block] = []
    turns: list[dict[str, Any]] = []
    for index, message in enumerate(messages):
        place = f"messages[{index}]"
        message = mapping(message, place)
        if message.get("role") in SYSTEM:
            system += _blocks(message.get("content"), f"{place}.content")
            continue
        role, blocks = _turn(message, place)
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({"role": role, "content": blocks})
    return system, turns


def _turn(message: Mapping[str, Any], place: str) -> tuple[str, list[Block]]:
    at = f"{place}.content"
    match message.get("role"):
        case "user":
            return "user", _blocks(message.get("content"), at)
        case "assistant":
            return "assistant", _assistant(message, place)
        case "tool":
            return "user", [_result(message, place)]
        case "function":
            raise unsupported(place, "Use tools and role tool.")
    raise unknown(place, message.get("role"), "system, developer, user, assistant or tool as `role`")


def _assistant(message: Mapping[str, Any], place: str) -> list[Block]:
    """Signed thoughts first, as Anthropic demands, then text, then calls. Unsigned thoughts are not its own."""
    if message.get("function_call"):
        raise unsupported(f"{place}.function_call", "Use tool_calls.")
    thoughts = [dict(block) for block in blocks_in(message) if block.get("signature") or block.get("data")]
    said = _blocks(message.get("content"), f"{place}.content")
    if isinstance(message.get("refusal"), str) and message["refusal"]:
        said.append({"type": "text", "text": message["refusal"]})
    calls = sequence(message.get("tool_calls") or [], f"{place}.tool_calls")
    return [*thoughts, *said, *(_call(call, i, f"{place}.tool_calls[{i}]") for i, call in enumerate(calls))]


def _call(call: object, index: int, place: str) -> Block:
    call = mapping(call, place)
    if call.get("type", "function") != "function":
        raise unsupported(place, "Only calls of functions can be.")
    name, arguments = function_of(call)
    used = {"type": "tool_use", "id": call_id(call, index), "name": name, "input": input_of(arguments)}
    return _marked(used, call)


def _result(message: Mapping[str, Any], place: str) -> Block:
    call = text(message.get("tool_call_id"), f"{place}.tool_call_id")
    content = message.get("content")
    said = content if isinstance(content, str) else _blocks(content, f"{place}.content")
    result: Block = {"type": "tool_result", "tool_use_id": call, "content": said}
    if message.get("is_error"):
        result["is_error"] = True
    return _marked(result, message)


def _blocks(content: object, place: str) -> list[Block]:
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    blocks: list[Block] = []
    for index, part in enumerate(sequence(content, place)):
        at = f"{place}[{index}]"
        part = mapping(part, at)
        if (block := _block(part, at)) is not None:
            blocks.append(_marked(block, part))
    return blocks


def _block(part: Mapping[str, Any], place: str) -> Block | None:
    match part.get("type"):
        case "text" | "refusal" as kind:
            words = text(part.get(kind), f"{place}.{kind}")
            return {"type": "text", "text": words} if words else None
        case "image_url":
            asked = mapping(part.get("image_url"), f"{place}.image_url")
            return {"type": "image", "source": _source(text(asked.get("url"), f"{place}.image_url.url"))}
        case "file":
            return _document(mapping(part.get("file"), f"{place}.file"), f"{place}.file")
        case "input_audio":
            raise unsupported(place, "Anthropic's models do not hear; send text.")
        case kind:
            raise unknown(place, kind, "text, image_url, file or refusal")


def _source(url: str) -> Block:
    if not url.startswith("data:"):
        return {"type": "url", "url": url}
    head, _, data = url.removeprefix("data:").partition(",")
    return {"type": "base64", "media_type": head.removesuffix(";base64"), "data": data}


def _document(file: Mapping[str, Any], place: str) -> Block:
    if not isinstance(file.get("file_data"), str):
        raise unsupported(place, "Send the file itself in `file_data`.")
    document: Block = {"type": "document", "source": _source(file["file_data"])}
    if file.get("filename"):
        document["title"] = file["filename"]
    return document


def _marked(block: Block, part: Mapping[str, Any]) -> Block:
    return {**block, "cache_control": part["cache_control"]} if part.get("cache_control") else block
