"""Tool calls as comparable values: read from messages and from each model's own text, normalised, checked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from classifier import values_plain
from classifier.values_literal import Call, NotLiteral, literal
from classifier.values_plain import TooLarge, words

MAX_CALLS, MAX_TOOLS, MAX_CHARS = 64, 512, 65_536
NO_CALL = "[]"

_SPECIAL = re.compile(r"<\|[^|<>]{0,40}\|>")
_MARKED = "[TOOL_CALLS]"
_TAGGED = re.compile(r"<function=([^<>\s]{1,120})>([^<]*)(?:</function>|\Z)")
_CALLING = re.compile(r"""([\w.-]{1,120})\(|["']name["']\s{0,9}:\s{0,9}["']([^"'\n]{1,120})["']""")
_DEFAULT = re.compile(r"[Dd]efault(?:s to| value is|s? is| to| value)?\s*:?\s*[\"'`]?([\w.+-]{1,40})")
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "float": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "tuple": (list,),
    "object": (Mapping,),
    "dict": (Mapping,),
}


@dataclass(frozen=True, slots=True)
class Called:
    """One call as read: a tool's own name, its arguments, and whether it was written in good form."""

    name: str
    arguments: Mapping[str, Any]
    well_formed: bool = True


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of one reply. `faults` counts what is against the tools' schemas, `value` is what is compared."""

    value: str
    called: tuple[Called, ...]
    faults: int


class Unreadable(ValueError):
    """A reply tries to call and cannot be read, or calls what is not offered: it abstains."""


class Toolbox:
    """The tools of a request, found by name without case and marks (`math.hypot` is `math_hypot`)."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._tools: dict[str, Mapping[str, Any]] = {}
        for tool in _offered(body):
            self._tools.setdefault(words(str(tool.get("name", ""))), tool)

    def __len__(self) -> int:
        return len(self._tools)

    def read(self, message: Mapping[str, Any]) -> Calls:
        """Returns the calls of an assistant's message; without any, `NO_CALL` is the value.

        Raises Unreadable for an empty message, a call that cannot be parsed, a function not offered and above
        the caps.
        """
        called = list(self._native(message))
        if not called:
            called = self._written(_text(message))
        if len(called) > MAX_CALLS:
            raise Unreadable("more calls than are compared")
        try:
            value = self._compared(called)
        except TooLarge as large:
            raise Unreadable("arguments larger than are compared") from large
        return Calls(value, tuple(called), sum(self._faults(call) for call in called))

    def _native(self, message: Mapping[str, Any]) -> Iterator[Called]:
        calls = message.get("tool_calls")
        functions = (
            [call.get("function") for call in calls if isinstance(call, Mapping)] if isinstance(calls, list) else []
        )
        for function in [*functions, message.get("function_call")]:
            if isinstance(function, Mapping):
                yield self._called(function.get("name"), function.get("arguments"))

    def _called(self, name: Any, arguments: Any, *, well_formed: bool = True) -> Called:
        tool = self._tools.get(words(name)) if isinstance(name, str) else None
        if tool is None:
            raise Unreadable("a function that is not offered")
        if isinstance(arguments, str):
            arguments = _parsed(arguments) if arguments.strip() else {}
        if arguments is None:
            arguments = {}
        if not isinstance(arguments, Mapping):
            raise Unreadable("arguments that are no object")
        return Called(str(tool.get("name", "")), arguments, well_formed and name == tool.get("name"))

    def _written(self, text: str) -> list[Called]:
        """Calls written out in the reply's text."""
        text = _SPECIAL.sub("", text[: MAX_CHARS + 1]).strip()
        if not text or len(text) > MAX_CHARS:
            raise Unreadable("an empty reply")
        text = text.removeprefix("assistant").strip()
        if "<tool_call>" in text:
            parts = [part.split("</tool_call>", 1)[0] for part in text.split("<tool_call>")[1 : MAX_CALLS + 2]]
            return [call for part in parts for call in self._from(_parsed(part))]
        if _MARKED in text:
            return [call for part in text.split(_MARKED)[1 : MAX_CALLS + 2] for call in self._marked(part)]
        if "<function=" in text:
            tagged = _TAGGED.findall(text)
            if len(tagged) < text.count("<function="):
                raise Unreadable("a call that cannot be parsed")
            return [self._called(name, arguments) for name, arguments in tagged[: MAX_CALLS + 1]]
        plain = _unfenced(text)
        if plain[:1] not in "[{" and not self._opens_call(plain):
            return self._among_words(plain)
        try:
            value = _parsed(plain)
        except Unreadable:
            if plain[:1] == "{" or self._opens_call(plain):
                raise
            return []
        return list(self._from(value))

    def _marked(self, text: str) -> Iterator[Called]:
        """The calls behind Mistral's mark: a list of them, or one as `name[ARGS]{…}`, its id left out."""
        name, args, arguments = text.partition("[ARGS]")
        if args:
            yield self._called(name.split("[CALL_ID]", 1)[0].strip(), arguments)
        else:
            yield from self._from(_parsed(text))

    def _among_words(self, text: str) -> list[Called]:
        """The calls in a list that words lead up to; without any call, words are an answer too: no call.

        Raises Unreadable where an offered function is called amid the words.
        """
        named = (name for pair in _CALLING.findall(text) for name in pair if name)
        if not any(words(name) in self._tools for name in named):
            return []
        start = text.find("[")
        if start < 0 or not text.endswith("]") or not self._opens_call(text[start:]):
            raise Unreadable("a call amid words")
        return list(self._from(_parsed(text[start:])))

    def _opens_call(self, text: str) -> bool:
        name = text.lstrip("[ \n").split("(", 1)[0]
        return len(name) < 120 and "(" in text and words(name) in self._tools

    def _from(self, value: Any) -> Iterator[Called]:
        """Yields the calls in a parsed value, in any of the forms that models write."""
        if isinstance(value, list):
            for part in value:
                if part is not None:
                    yield from self._from(part)
        elif isinstance(value, Call):
            yield self._positional(value)
        elif isinstance(value, Mapping):
            yield from self._object(value)
        elif value is not None and not isinstance(value, str):
            raise Unreadable("a value that calls nothing")

    def _object(self, value: Mapping[str, Any]) -> Iterator[Called]:
        if isinstance(value.get("tool_calls"), list):
            yield from self._from(value["tool_calls"])
        elif isinstance(value.get("function"), Mapping):
            yield from self._object(value["function"])
        elif "name" in value:
            yield self._called(value["name"], value.get("arguments", value.get("parameters")))
        elif len(value) == 1:
            ((name, arguments),) = value.items()
            yield self._called(name, arguments, well_formed=False)
        elif value:
            raise Unreadable("an object that names no function")

    def _positional(self, call: Call) -> Called:
        """A call written as Python; arguments without names are given theirs in the schema's order."""
        if not call.positional:
            return self._called(call.name, call.named)
        if len(call.positional) == 1 and isinstance(call.positional[0], Mapping) and not call.named:
            return self._called(call.name, call.positional[0], well_formed=False)
        tool = self._tools.get(words(call.name), {})
        names = list(_properties(tool))
        if len(names) < len(call.positional):
            raise Unreadable("more arguments than parameters")
        arguments = dict(zip(names, call.positional, strict=False)) | dict(call.named)
        return self._called(call.name, arguments, well_formed=False)

    def _compared(self, called: Sequence[Called]) -> str:
        """The calls as one text: sorted, each its name and the arguments that differ from their defaults."""
        calls = []
        for call in called:
            properties = {words(name): schema for name, schema in _properties(self._tools[words(call.name)]).items()}
            arguments = values_plain.leaf(call.arguments)
            kept = {key: value for key, value in arguments.items() if not _is_default(value, properties.get(key))}
            calls.append([words(call.name), kept])
        texts = sorted(orjson.dumps(call, option=orjson.OPT_SORT_KEYS).decode() for call in calls)
        return f"[{','.join(texts)}]"

    def _faults(self, call: Called) -> int:
        tool = self._tools[words(call.name)]
        properties = _properties(tool)
        required = _mapping(tool.get("parameters")).get("required")
        missing = [name for name in required if name not in call.arguments] if isinstance(required, list) else []
        wrong = [name for name, value in call.arguments.items() if not _fits(value, properties.get(name), properties)]
        return len(missing) + len(wrong) + (not call.well_formed)


def triples(value: str) -> frozenset[str]:
    """Returns the function, argument and value triples of comparable calls, for how far two overlap."""
    return frozenset(
        f"{name}\0{key}\0{orjson.dumps(part)!r}"
        for name, arguments in orjson.loads(value)
        for key, part in [("", None), *arguments.items()]
    )


def _offered(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    tools = body.get("tools")
    for tool in tools[:MAX_TOOLS] if isinstance(tools, list) else ():
        function = tool.get("function", tool) if isinstance(tool, Mapping) else None
        if isinstance(function, Mapping):
            yield function
    old = body.get("functions")
    yield from (tool for tool in (old[:MAX_TOOLS] if isinstance(old, list) else ()) if isinstance(tool, Mapping))


def _properties(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(_mapping(tool.get("parameters")).get("properties"))


def _is_default(value: Any, schema: Any) -> bool:
    if not isinstance(schema, Mapping):
        return False
    if "default" in schema:
        return bool(values_plain.leaf(schema["default"]) == value)
    about = schema.get("description")
    found = _DEFAULT.search(about[:2_000]) if isinstance(about, str) else None
    return found is not None and bool(values_plain.leaf(found[1].rstrip(".")) == value)


def _fits(value: Any, schema: Any, properties: Mapping[str, Any]) -> bool:
    """Whether an argument is one the schema knows, of its type."""
    if not isinstance(schema, Mapping):
        return not properties
    kind = schema.get("type")
    types = _TYPES.get(kind) if isinstance(kind, str) else None
    if types is None:
        return True
    if isinstance(value, bool):
        return bool in types
    if isinstance(value, float) and value.is_integer() and int in types:
        return True
    if not isinstance(value, types):
        return False
    allowed = schema.get("enum")
    return not isinstance(allowed, list) or value in allowed


def _parsed(text: str) -> Any:
    text = text.strip()
    if len(text) > MAX_CHARS:
        raise Unreadable("longer than is read")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        return literal(text)
    except (NotLiteral, RecursionError) as wrong:
        raise Unreadable("a call that cannot be parsed") from wrong


def _unfenced(text: str) -> str:
    if not text.startswith("```"):
        return text
    inner = text.split("\n", 1)[-1]
    return inner.rsplit("```", 1)[0].strip()


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    return content if isinstance(content, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
