"""Output items while they grow: words, thoughts and calls, each with what it has become so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

PartKind = Literal["output_text", "refusal", "reasoning_text"]
Status = Literal["in_progress", "completed", "incomplete"]


@dataclass(slots=True)
class Part:
    """One part of the content of a message or of thoughts."""

    kind: PartKind
    pieces: list[str] = field(default_factory=list)
    logprobs: list[Any] = field(default_factory=list)
    annotations: list[Any] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What was said so far."""
        return "".join(self.pieces)

    def whole(self) -> dict[str, Any]:
        """The part as the dialect writes it."""
        if self.kind == "refusal":
            return {"type": "refusal", "refusal": self.text}
        if self.kind == "reasoning_text":
            return {"type": "reasoning_text", "text": self.text}
        found = {"type": "output_text", "text": self.text}
        return {**found, "annotations": list(self.annotations), "logprobs": list(self.logprobs)}


@dataclass(slots=True)
class MessageItem:
    """A message, or thoughts in the open: one item made of parts."""

    id: str
    index: int
    kind: Literal["message", "reasoning"]
    parts: list[Part] = field(default_factory=list)

    def whole(self, status: Status) -> dict[str, Any]:
        """The item as the dialect writes it."""
        content = [part.whole() for part in self.parts]
        if self.kind == "reasoning":
            return {"id": self.id, "type": "reasoning", "summary": [], "content": content, "status": status}
        return {"id": self.id, "type": "message", "status": status, "role": "assistant", "content": content}


@dataclass(slots=True)
class CallItem:
    """A call of a function or of a custom tool; its arguments stay the very characters that came."""

    kind: Literal["function", "custom"]
    id: str = ""
    index: int = -1
    call_id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list)

    def add(self, fragment: Mapping[str, Any]) -> str:
        """Add a fragment of chat's call and return the characters of arguments or input it brought."""
        said = fragment.get(self.kind)
        said = said if isinstance(said, dict) else {}
        self.call_id = self.call_id or _text(fragment.get("id"))
        name = _text(said.get("name"))
        if name != self.name:  # some servers repeat the whole name with every fragment
            self.name += name
        piece = said.get("arguments" if self.kind == "function" else "input")
        if isinstance(piece, dict):  # not OpenAI's shape, but seen
            piece = orjson.dumps(piece).decode()
        self.pieces.append(_text(piece))
        return self.pieces[-1]

    @property
    def text(self) -> str:
        """The arguments, or the input, so far."""
        return "".join(self.pieces)

    def whole(self, status: Status, names: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
        """The item as the dialect writes it; a name that stands for one in a namespace is that one again."""
        namespace, name = names.get(self.name, (None, self.name))
        item: dict[str, Any] = {"id": self.id, "type": "function_call", "call_id": self.call_id or self.id}
        if self.kind == "custom":
            item["type"] = "custom_tool_call"
        item |= {"name": name, ("arguments" if self.kind == "function" else "input"): self.text, "status": status}
        if namespace is not None:
            item["namespace"] = namespace
        return item


def annotation_of(annotation: Mapping[str, Any]) -> dict[str, Any]:
    """Chat's annotation, whose fields lie one level deeper."""
    kind = _text(annotation.get("type"))
    inner = annotation.get(kind)
    return {"type": kind, **inner} if isinstance(inner, dict) else dict(annotation)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
