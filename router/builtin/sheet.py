"""The answer sheet: the right reply to every question it holds, standing in for a big model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from router.builtin.applications import ASSISTANT, CHAT
from router.builtin.draft import ToolCall
from router.builtin.language import CAPITAL
from router.builtin.questions import Question, stream
from router.builtin.words import words
from router.core.recording import Recording, recording_key

HELD = 10_000
HELD_SHIFTED = 5_000
BYTES_A_TOKEN = 4
TOKENS_A_MESSAGE = 4


def sheet() -> Mapping[str, Recording]:
    """Return request key → right reply, for the first `HELD` questions and the first `HELD_SHIFTED` shifted ones.

    So every question of `questions("play", n)` with seed 0 is held for n up to 1,400 (700 shifted), and beside them
    each taught way to ask for a capital, plainly, as someone who tries the proxy by hand would.
    """
    held = {recording_key(question.body): recording(question) for question in _held()}
    for country, city in words(False).capitals.items():
        for wording in CAPITAL.taught:
            for application in (CHAT, ASSISTANT):
                body = application.body(wording.format(country))
                held[recording_key(body)] = _recording(body, city)
    return held


def recording(question: Question) -> Recording:
    """Return the right reply to one question, whether the sheet holds it or not."""
    return _recording(question.body, question.answer)


def tokens(text: str) -> int:
    """Return the estimated tokens of a text: one for every four bytes of UTF-8, rounded up. Nothing counts none."""
    return -(-len(text.encode()) // BYTES_A_TOKEN)


def _held() -> Iterator[Question]:
    yield from islice(stream(), HELD)
    yield from islice(stream(shifted=True), HELD_SHIFTED)


def _recording(body: Mapping[str, Any], answer: str | ToolCall) -> Recording:
    message, said = _message(answer)
    prompt, completion = _prompt_tokens(body), tokens(said)
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return Recording(message, "tool_calls" if isinstance(answer, ToolCall) else "stop", usage)


def _message(answer: str | ToolCall) -> tuple[dict[str, Any], str]:
    if isinstance(answer, str):
        return {"role": "assistant", "content": answer}, answer
    function = {"name": answer.name, "arguments": json.dumps(dict(answer.arguments))}
    call = {"id": f"call_{answer.name}", "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}, function["name"] + function["arguments"]


def _prompt_tokens(body: Mapping[str, Any]) -> int:
    """Every message counts its text and four for its frame; tools count as the JSON they are sent as."""
    asked = sum(tokens(message["content"]) + TOKENS_A_MESSAGE for message in body["messages"])
    return asked + (tokens(json.dumps(body["tools"])) if body.get("tools") else 0)
