"""The applications that questions come from: a system prompt, tools or a response format of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Application:
    """What stays the same from request to request of one program: this is what makes a task recognisable.

    Attributes:
        system: the system prompt, or "" when the program sends none.
        tools: OpenAI tool definitions; empty when the program has none.
        json: whether the program asks for `response_format: json_object`.
        max_tokens: the reply limit the program sends.
    """

    system: str = ""
    tools: tuple[Mapping[str, Any], ...] = ()
    json: bool = False
    max_tokens: int = 24

    def body(self, ask: str) -> dict[str, Any]:
        """Return the OpenAI chat body in which this application asks `ask`; the mapping is the caller's own."""
        messages = [{"role": "user", "content": ask}]
        if self.system:
            messages.insert(0, {"role": "system", "content": self.system})
        body: dict[str, Any] = {"model": "auto", "messages": messages, "max_tokens": self.max_tokens, "temperature": 0}
        if self.tools:
            body["tools"] = [dict(tool) for tool in self.tools]
        if self.json:
            body["response_format"] = {"type": "json_object"}
        return body


def tool(name: str, description: str, **types: str) -> dict[str, Any]:
    """Return an OpenAI tool definition whose arguments are all required; `types` maps argument → JSON Schema type."""
    parameters = {
        "type": "object",
        "properties": {argument: {"type": kind} for argument, kind in types.items()},
        "required": list(types),
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


CHAT = Application()
ASSISTANT = Application(system="You are a helpful assistant. Answer briefly.")
TUTOR = Application(system="You are a maths tutor. Reply with the number only.")
REVIEWS = Application(system="Label the review as positive or negative.")
TRIAGE = Application(system="Send the ticket to billing, technical or account.")
QUIZ = Application(system="Answer with the letter of the right option.")
INTAKE = Application(system="Extract the name, the job and the city as JSON.", json=True, max_tokens=48)
ORDERS = Application(system="Extract the item and the count as JSON.", json=True, max_tokens=48)
HOME = Application(
    system="Use the tools to help at home.",
    tools=(
        tool("get_weather", "Weather now in a city", city="string"),
        tool("set_timer", "Start a kitchen timer", minutes="integer"),
        tool("play_music", "Play music by an instrument", instrument="string"),
    ),
    max_tokens=64,
)
SHOP = Application(
    system="Use the tools to run the shop.",
    tools=(
        tool("find_item", "Look up an item", item="string"),
        tool("add_to_cart", "Put items into the cart", item="string", count="integer"),
    ),
    max_tokens=64,
)
