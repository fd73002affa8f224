"""Tools as chat knows them: functions and custom tools, namespaces unfolded, hosted tools left out."""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any

from router.core.dialects.chat import MAX_TOOLS
from router.core.dialects.reading import Reading, list_at, mapping_at, text_at, wrong

MAX_NAME = 64
_OFFERED = frozenset({"web_search", "image_generation", "tool_search", "programmatic_tool_calling"})
_HOSTED = frozenset(
    "file_search code_interpreter mcp computer computer_use_preview computer-preview "
    "local_shell shell apply_patch".split()
)
_ONLY_THERE = ("allowed_callers", "async", "defer_loading", "output_schema")


def chat_name(namespace: str, name: str) -> str:
    """The one name chat has for `name` inside `namespace`: joined, and kept to 64 characters by a digest."""
    joined = namespace + ("" if namespace.endswith("__") else "__") + name
    if len(joined) <= MAX_NAME:
        return joined
    digest = blake2b(joined.encode(), digest_size=4).hexdigest()
    return f"{joined[: MAX_NAME - 9]}_{digest}"


def namespaced(body: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Chat's name of every tool inside a namespace → its namespace and own name. `body` was parsed before."""
    found = {}
    for _, tool in _offered(body):
        if tool.get("type") == "namespace":
            for inner in tool["tools"]:
                found[chat_name(tool["name"], inner["name"])] = (tool["name"], inner["name"])
    return found


def tools_of(body: Mapping[str, Any], reading: Reading) -> list[dict[str, Any]]:
    """Chat's tools for those of the request and of its items.

    A hosted tool that is merely offered is left out and noted: an agent offers web search in every
    request and does without. One that keeps state, or whose calls chat cannot say, is refused.
    """
    found: dict[str, dict[str, Any]] = {}
    for place, value in _offered(body):
        for tool in _tool(mapping_at(value, place), place, reading):
            name = tool[tool["type"]]["name"]
            if name in found and found[name] != tool:
                raise wrong(place, f"unique: there is another tool {name!r}", "invalid_value")
            found[name] = tool
    if len(found) > MAX_TOOLS:
        raise wrong("tools", f"at most {MAX_TOOLS}", "array_above_max_length")
    return list(found.values())


def is_hosted(kind: object) -> bool:
    """Whether tools of this type run at OpenAI."""
    return isinstance(kind, str) and (kind in _HOSTED or kind in _OFFERED or kind.startswith("web_search"))


def choice_of(choice: object, tools: list[dict[str, Any]], reading: Reading) -> Any:
    """Chat's `tool_choice`; None where nothing is to be said, as when there are no tools to choose from."""
    if choice is None or isinstance(choice, str):
        return _mode(choice, tools, reading)
    named = mapping_at(choice, "tool_choice")
    kind = named.get("type")
    if kind == "allowed_tools":
        allowed = [
            _named(mapping_at(tool, place), place, reading)
            for index, tool in enumerate(list_at(named.get("tools"), "tool_choice.tools"))
            if (place := f"tool_choice.tools[{index}]")
        ]
        kept = [tool for tool in allowed if tool]
        return {"type": "allowed_tools", "allowed_tools": {"mode": named.get("mode", "auto"), "tools": kept}}
    if is_hosted(kind):
        reading.refuse("tool_choice", f"no upstream runs {kind} for you. Choose a function or custom tool.")
        return None
    return _named(named, "tool_choice", reading)


def _mode(choice: str | None, tools: list[dict[str, Any]], reading: Reading) -> str | None:
    if choice not in (None, "auto", "none", "required"):
        raise wrong("tool_choice", "auto, none, required or an object", "invalid_value")
    if choice == "required" and not tools:
        reading.refuse("tool_choice", "there is no tool left to choose. Offer a function or custom tool.")
    return choice if tools else None


def _named(tool: Mapping[str, Any], place: str, reading: Reading) -> dict[str, Any] | None:
    """A tool named in a choice; None when it is a hosted one among others."""
    kind = tool.get("type")
    if is_hosted(kind):
        reading.leave_out(place)
        return None
    if kind not in ("function", "custom"):
        raise wrong(f"{place}.type", "function, custom or allowed_tools", "invalid_value")
    name = text_at(tool.get("name"), f"{place}.name")
    if tool.get("namespace") is not None:
        name = chat_name(text_at(tool["namespace"], f"{place}.namespace"), name)
    return {"type": kind, kind: {"name": name}}


def _offered(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every tool and its place: those of the request, then those that came with items."""
    if body.get("tools") is not None:
        for index, tool in enumerate(list_at(body["tools"], "tools")):
            yield f"tools[{index}]", tool
    items = body.get("input")
    for index, item in enumerate(items) if isinstance(items, list) else ():
        if isinstance(item, dict) and item.get("type") in ("additional_tools", "tool_search_output"):
            place = f"input[{index}].tools"
            for number, tool in enumerate(list_at(item.get("tools"), place)):
                yield f"{place}[{number}]", tool


def _tool(tool: Mapping[str, Any], place: str, reading: Reading) -> Iterator[dict[str, Any]]:
    kind = text_at(tool.get("type"), f"{place}.type")
    if kind == "function":
        yield {"type": "function", "function": _definition(tool, place, reading)}
    elif kind == "custom":
        custom = _definition(tool, place, reading)
        if custom.get("format") is not None:
            custom["format"] = _format(mapping_at(custom["format"], f"{place}.format"), f"{place}.format")
        yield {"type": "custom", "custom": custom}
    elif kind == "namespace":
        yield from _unfolded(tool, place, reading)
    elif kind in _HOSTED:
        reading.refuse(place, f"no upstream runs {kind} for you. Offer a function or custom tool.")
    elif is_hosted(kind):
        reading.leave_out(place)
    else:
        reading.unknown(f"{place}.type", "function, custom, namespace or a hosted tool")


def _unfolded(tool: Mapping[str, Any], place: str, reading: Reading) -> Iterator[dict[str, Any]]:
    """The tools inside a namespace under names that say so; what describes the namespace has no place in chat."""
    namespace = text_at(tool.get("name"), f"{place}.name")
    if tool.get("description"):
        reading.leave_out(f"{place}.description")
    for index, value in enumerate(list_at(tool.get("tools"), f"{place}.tools")):
        inside = f"{place}.tools[{index}]"
        inner = mapping_at(value, inside)
        if inner.get("type") not in ("function", "custom"):
            raise wrong(f"{inside}.type", "function or custom", "invalid_value")
        name = text_at(inner.get("name"), f"{inside}.name")
        yield from _tool({**inner, "name": chat_name(namespace, name)}, inside, reading)


def _definition(tool: Mapping[str, Any], place: str, reading: Reading) -> dict[str, Any]:
    """What is inside `function` or `custom`: everything but the type and what chat has no word for."""
    text_at(tool.get("name"), f"{place}.name")
    for name in _ONLY_THERE:
        if tool.get(name):
            reading.leave_out(f"{place}.{name}")
    hidden = ("type", *_ONLY_THERE)
    return {name: value for name, value in tool.items() if name not in hidden and value is not None}


def _format(form: Mapping[str, Any], place: str) -> dict[str, Any]:
    if form.get("type") == "text":
        return dict(form)
    if form.get("type") != "grammar":
        raise wrong(f"{place}.type", "text or grammar", "invalid_value")
    return {"type": "grammar", "grammar": {name: value for name, value in form.items() if name != "type"}}
