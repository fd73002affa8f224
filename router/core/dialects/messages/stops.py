"""Why an answer ended: OpenAI's `finish_reason` and Anthropic's `stop_reason`."""

from collections.abc import Mapping, Sequence
from typing import Any

STOP_REASONS: Mapping[str, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}
FINISH_REASONS: Mapping[str, str] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


def stop_of(choice: Mapping[str, Any], stops: Sequence[str], *, calls: bool, refused: bool) -> dict[str, Any]:
    """`stop_reason` and `stop_sequence` for a choice that ended.

    Some servers finish a call with `stop`; vLLM says in the choice's own `stop_reason` which of the
    client's `stops` it met, and others say nothing of it, which leaves `end_turn`.
    """
    reason = choice.get("finish_reason")
    met = choice.get("stop_reason")
    if refused:
        return {"stop_reason": "refusal", "stop_sequence": None}
    if calls and reason in (None, "stop"):
        return {"stop_reason": "tool_use", "stop_sequence": None}
    if reason == "stop" and isinstance(met, str) and met in stops:
        return {"stop_reason": "stop_sequence", "stop_sequence": met}
    known = STOP_REASONS.get(reason, "end_turn") if isinstance(reason, str) else "end_turn"
    return {"stop_reason": known, "stop_sequence": None}


def finish_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """`finish_reason` for what holds a `stop_reason`, and vLLM's `stop_reason` where a sequence was met."""
    reason, met = message.get("stop_reason"), message.get("stop_sequence")
    if not isinstance(reason, str):
        return {"finish_reason": None}
    finish: dict[str, Any] = {"finish_reason": FINISH_REASONS.get(reason, "stop")}
    return {**finish, "stop_reason": met} if isinstance(met, str) else finish
