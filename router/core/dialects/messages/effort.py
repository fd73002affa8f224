"""How hard a model shall think: Anthropic's budgets and efforts as OpenAI's words."""

from collections.abc import Mapping
from typing import Any

EFFORTS = ("low", "medium", "high", "xhigh", "max")
MIN_BUDGET = 1024
BUDGETS: Mapping[str, int] = {"low": 2_048, "medium": 8_192, "high": 16_384, "xhigh": 32_768, "max": 65_536}


def effort_of(thinking: object, output_config: object) -> str | None:
    """OpenAI's `reasoning_effort` for a Messages body; None where nothing was asked.

    A named effort wins. A budget becomes the least effort whose budget in BUDGETS covers it; our
    own table, since neither house publishes one.
    """
    asked = thinking if isinstance(thinking, dict) else {}
    if asked.get("type") == "disabled":
        return "none"
    effort = output_config.get("effort") if isinstance(output_config, dict) else None
    if isinstance(effort, str):
        return effort
    budget = asked.get("budget_tokens")
    if asked.get("type") != "enabled" or not isinstance(budget, int):
        return None
    return next((name for name in EFFORTS if budget <= BUDGETS[name]), "max")


def thinking_of(effort: str, max_tokens: int, *, adaptive: bool) -> dict[str, Any]:
    """The Messages fields for a `reasoning_effort`; empty where the room is too small to think in.

    With `adaptive` the effort is named, as models that think adaptively want it; without, it
    becomes a budget, which stays below `max_tokens`, as Anthropic demands.
    """
    if effort == "none":
        return {"thinking": {"type": "disabled"}}
    effort = "low" if effort == "minimal" else effort
    if adaptive:
        return {"thinking": {"type": "adaptive"}, "output_config": {"effort": effort}}
    budget = min(BUDGETS.get(effort, BUDGETS["medium"]), max_tokens - 1)
    return {"thinking": {"type": "enabled", "budget_tokens": budget}} if budget >= MIN_BUDGET else {}
