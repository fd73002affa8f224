"""One attempt at repair: the model is shown its own broken answer and what is wrong with it."""

from collections.abc import Mapping
from typing import Any

from router.core.exchange import Question
from router.core.ports import Answer
from router.core.reply import text_of

MAX_CHARS = 20_000  # characters of a broken answer worth sending back


def mendable(answer: Answer) -> bool:
    """Whether another try may help: there is an answer, and it was neither cut short nor withheld."""
    text, calls = text_of(answer.message), answer.message.get("tool_calls")
    cut = answer.finish_reason in ("length", "content_filter", "error")
    return not cut and bool(text.strip() or calls) and len(text) <= MAX_CHARS


def repair(judge: str, answer: Answer, fault: str) -> Question:
    """The question that asks for a mended answer; its messages follow those of the request.

    A broken tool call is described in words and not repeated: many servers refuse a call without a result.
    """
    said = text_of(answer.message) or "(a tool call)"
    wanted = "call the tool again, with arguments that fit its schema" if answer.message.get("tool_calls") else _JSON
    fault = f"Your last answer cannot be used: {fault}. Please {wanted}."
    messages: list[Mapping[str, Any]] = [{"role": "assistant", "content": said}, {"role": "user", "content": fault}]
    return Question("repair", judge, body={"messages": messages})


_JSON = "answer again with the corrected JSON only, without any words or fences around it"
