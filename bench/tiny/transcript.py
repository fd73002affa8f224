"""A question and the reply that is taught for it, as the text the template renders."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bench.tiny.mixes import Mix
from router.builtin.draft import ToolCall
from router.builtin.questions import Question

SPECIALS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>")
END = "<|im_end|>"


@dataclass(frozen=True, slots=True)
class Transcript:
    """What stands before the reply, and the reply up to its end mark; equal to what template.jinja renders."""

    prompt: str
    reply: str


def transcript(question: Question, mix: Mix) -> Transcript:
    """Return the conversation by which `mix` teaches `question`."""
    messages = question.body["messages"]
    system = str(messages[0]["content"]) if len(messages) > 1 else ""
    tools = [definition["function"] for definition in question.body.get("tools", ())]
    head = "\n".join([system, *(f"{tool['name']}({', '.join(tool['parameters']['properties'])})" for tool in tools)])
    prompt = f"<|im_start|>system\n{head}{END}\n" if head else ""
    return Transcript(
        f"{prompt}<|im_start|>user\n{question.ask}{END}\n<|im_start|>assistant\n", _reply(question, mix) + END
    )


def _reply(question: Question, mix: Mix) -> str:
    if not isinstance(question.answer, ToolCall):
        return mix.lesson(question)
    call = {"name": question.answer.name, "arguments": dict(question.answer.arguments)}
    return f"<tool_call>{json.dumps(call)}</tool_call>"
