"""The capabilities that a request demands: hard constraints, compared with what an upstream can do."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Facts = Mapping[str, Any]
ESTIMATE_MARGIN = 0.7  # characters over four count prose up to a quarter too high; below this it surely does not fit


UNTHINKING = (None, "none", "minimal")


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing a request may demand. `param` is the field that demands it, `words` what it is."""

    words: str
    param: str
    demanded: Callable[[Mapping[str, Any], Facts], bool]


def _format(body: Mapping[str, Any]) -> object:
    asked = body.get("response_format")
    return asked.get("type") if isinstance(asked, dict) else None


def _custom(body: Mapping[str, Any]) -> bool:
    return any(tool.get("type") == "custom" for tool in body.get("tools") or ())


def _speaks(body: Mapping[str, Any]) -> bool:
    modalities = body.get("modalities")
    return isinstance(modalities, list) and "audio" in modalities


CAPABILITIES: Mapping[str, Capability] = {
    "tools": Capability("tools", "tools", lambda body, facts: bool(body.get("tools") or body.get("functions"))),
    "parallel_tools": Capability(
        "parallel tool calls", "parallel_tool_calls", lambda body, facts: body.get("parallel_tool_calls") is True
    ),
    "grammar": Capability("custom tools", "tools", lambda body, facts: _custom(body)),
    "json": Capability("JSON mode", "response_format", lambda body, facts: _format(body) == "json_object"),
    "json_schema": Capability("JSON schemas", "response_format", lambda body, facts: _format(body) == "json_schema"),
    "vision": Capability("images", "messages", lambda body, facts: bool(facts["images"])),
    "audio": Capability("audio", "messages", lambda body, facts: bool(facts["audio"]) or _speaks(body)),
    "n": Capability("several answers", "n", lambda body, facts: body.get("n") not in (None, 1)),
    "logprobs": Capability(
        "log-probabilities", "logprobs", lambda body, facts: bool(body.get("logprobs") or body.get("top_logprobs"))
    ),
    "prediction": Capability("predicted outputs", "prediction", lambda body, facts: bool(body.get("prediction"))),
    "web_search": Capability(
        "web search", "web_search_options", lambda body, facts: body.get("web_search_options") is not None
    ),
    "reasoning": Capability(
        "a reasoning effort", "reasoning_effort", lambda body, facts: body.get("reasoning_effort") not in UNTHINKING
    ),
}
# What lies at the top of a body and demands something; a body with none of these demands nothing but room.
FIELDS = frozenset(
    "tools functions parallel_tool_calls response_format modalities n logprobs top_logprobs prediction "
    "web_search_options reasoning_effort".split()
)


def demands(body: Mapping[str, Any], facts: Facts) -> tuple[str, ...]:
    """The capabilities that a chat body demands; `facts` has its `images` and `audio` counted."""
    if not facts["images"] and not facts["audio"] and FIELDS.isdisjoint(body):
        return ()
    return tuple(name for name, capability in CAPABILITIES.items() if capability.demanded(body, facts))


def lacking(demanded: tuple[str, ...], lacks: frozenset[str]) -> tuple[str, ...]:
    """Which of the demanded capabilities are among those an upstream lacks."""
    return tuple(name for name in demanded if name in lacks)


def has_room(upstream: str, facts: Facts, *, surely_not: bool = False) -> bool:
    """Whether prompt and longest answer fit the window of `upstream`, so far as it is known.

    With `surely_not` false only where the prompt alone is too long even if the estimate is too high:
    then no server need be asked.
    """
    window = facts.get(f"{upstream}.context")
    if window is None:
        return True
    if surely_not:
        return bool(facts["prompt_tokens"] * ESTIMATE_MARGIN <= window)
    return bool(facts["prompt_tokens"] + (facts["max_tokens"] or 0) <= window)


def all_have_room(upstreams: Iterable[str], facts: Facts) -> bool:
    """Whether prompt and longest answer fit the window of each of `upstreams`, so far as it is known."""
    needed = facts["prompt_tokens"] + (facts["max_tokens"] or 0)
    for name in upstreams:
        window = facts.get(f"{name}.context")
        if window is not None and needed > window:
            return False
    return True


def closed(names: frozenset[str]) -> frozenset[str]:
    """A list of capabilities with what it implies: `json` includes schemas, unless one of them is named."""
    return names | {"json_schema"} if "json" in names else names | {"json"} if "json_schema" in names else names
