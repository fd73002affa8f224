"""Tools and the choice among them, from Messages to chat and back."""

from collections.abc import Mapping
from typing import Any

from router.core.dialects.messages.checks import mapping, sequence, text, unknown, unsupported
from router.core.errors import BadRequest

MAX_TOOLS = 512
CHOICES: Mapping[str, str] = {"auto": "auto", "any": "required", "none": "none"}
CHOSEN: Mapping[str, str] = {chat: ours for ours, chat in CHOICES.items()}
STRIPPED = ("input_examples", "defer_loading", "eager_input_streaming", "allowed_callers")
EMPTY_SCHEMA: Mapping[str, Any] = {"type": "object", "properties": {}}


def chat_tools(body: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The chat fields for `tools` and `tool_choice`, and what of them was left out."""
    chat: dict[str, Any] = {}
    stripped: list[str] = []
    if body.get("tools") is not None:
        tools = sequence(body["tools"], "tools")
        if len(tools) > MAX_TOOLS:
            raise BadRequest(
                f"`tools` may have at most {MAX_TOOLS} entries.", param="tools", code="array_above_max_length"
            )
        chat["tools"] = [
            _chat_tool(mapping(tool, f"tools[{index}]"), f"tools[{index}]", stripped)
            for index, tool in enumerate(tools)
        ]
    if body.get("tool_choice") is not None:
        chat |= _chat_choice(mapping(body["tool_choice"], "tool_choice"))
    return chat, stripped


def _chat_tool(tool: Mapping[str, Any], place: str, stripped: list[str]) -> dict[str, Any]:
    if tool.get("type") not in (None, "custom"):
        raise unsupported(place, "Only tools of your own, with an input_schema, can be; leave out the built-in ones.")
    function: dict[str, Any] = {"name": text(tool.get("name"), f"{place}.name")}
    if tool.get("description") is not None:
        function["description"] = text(tool["description"], f"{place}.description")
    function["parameters"] = mapping(tool.get("input_schema"), f"{place}.input_schema")
    if tool.get("strict") is not None:
        function["strict"] = tool["strict"]
    stripped += [f"{place}.{name}" for name in STRIPPED if tool.get(name)]
    marked = {"cache_control": tool["cache_control"]} if tool.get("cache_control") else {}
    return {"type": "function", "function": function, **marked}


def _chat_choice(choice: Mapping[str, Any]) -> dict[str, Any]:
    kind = choice.get("type")
    chat: dict[str, Any] = {}
    if kind == "tool":
        name = text(choice.get("name"), "tool_choice.name")
        chat["tool_choice"] = {"type": "function", "function": {"name": name}}
    elif isinstance(kind, str) and kind in CHOICES:
        chat["tool_choice"] = CHOICES[kind]
    else:
        raise unknown("tool_choice", kind, "auto, any, tool or none")
    if choice.get("disable_parallel_tool_use") is not None:
        chat["parallel_tool_calls"] = not choice["disable_parallel_tool_use"]
    return chat


def anthropic_tools(chat: Mapping[str, Any]) -> dict[str, Any]:
    """The Messages fields for a chat body's tools. Raises BadRequest for what Messages has no word for."""
    tools = chat.get("tools")
    if not tools:
        return {}
    body: dict[str, Any] = {
        "tools": [
            _anthropic_tool(mapping(tool, f"tools[{i}]"), f"tools[{i}]")
            for i, tool in enumerate(sequence(tools, "tools"))
        ]
    }
    choice = _anthropic_choice(chat.get("tool_choice"))
    parallel = chat.get("parallel_tool_calls")
    if isinstance(parallel, bool) and (choice or {}).get("type") != "none":
        choice = {**(choice or {"type": "auto"}), "disable_parallel_tool_use": not parallel}
    return body if choice is None else {**body, "tool_choice": choice}


def _anthropic_tool(tool: Mapping[str, Any], place: str) -> dict[str, Any]:
    if tool.get("type") != "function":
        raise unsupported(place, "Offer it as a function with a JSON schema.")
    function = mapping(tool.get("function"), f"{place}.function")
    made: dict[str, Any] = {"name": text(function.get("name"), f"{place}.function.name")}
    if function.get("description") is not None:
        made["description"] = function["description"]
    made["input_schema"] = function.get("parameters") or EMPTY_SCHEMA
    if function.get("strict") is not None:
        made["strict"] = function["strict"]
    return {**made, "cache_control": tool["cache_control"]} if tool.get("cache_control") else made


def _anthropic_choice(choice: object) -> dict[str, Any] | None:
    if choice is None:
        return None
    if isinstance(choice, str) and choice in CHOSEN:
        return {"type": CHOSEN[choice]}
    asked = mapping(choice, "tool_choice")
    if asked.get("type") != "function":
        raise unsupported("tool_choice", "Choose auto, required, none or one function.")
    function = mapping(asked.get("function"), "tool_choice.function")
    return {"type": "tool", "name": text(function.get("name"), "tool_choice.function.name")}
