"""One attempt at repair: the model is shown its own broken answer and what is wrong with it."""

from collections.abc import Mapping
from typing import Any

from router.core.exchange import Question
from router.core.ports import Answer
from router.core.reply import text_of

MAX_CHARS = 20_000  # characters of a broken answer worth sending back


def mendable(answer: Answer) -> bool:
    """Whether another try may help: there is an answer, and it was neither cut short nor withheld."""
    said = _said(answer)
    cut = answer.finish_reason in ("length", "content_filter", "error")
    return not cut and bool(said.strip()) and len(said) <= MAX_CHARS


def repair(judge: str, answer: Answer, fault: str) -> Question:
    """The question that asks for a mended answer; its messages follow those of the request.

    A broken tool call is shown as text: many servers refuse a call without a result.
    """
    wanted = "call the tool again, with arguments that fit its schema" if answer.message.get("tool_calls") else _JSON
    fault = f"Your last answer cannot be used: {fault}. Please {wanted}."
    messages: list[Mapping[str, Any]] = [
        {"role": "assistant", "content": _said(answer)},
        {"role": "user", "content": fault},
    ]
    return Question("repair", judge, body={"messages": messages})


def _said(answer: Answer) -> str:
    """What the model answered, its tool calls written out: `get_weather({"town": 1})`."""
    calls = answer.message.get("tool_calls")
    called = [each.get("function") for each in calls if isinstance(each, dict)] if isinstance(calls, list) else []
    written = [f"{each.get('name')}({each.get('arguments')})" for each in called if isinstance(each, dict)]
    return "\n".join(filter(None, [text_of(answer.message), *written]))


_JSON = "answer again with the corrected JSON only, without any words or fences around it"
