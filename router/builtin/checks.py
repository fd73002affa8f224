"""Exact checkers: whether a reply says the one right answer, by value and not by spelling."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from router.builtin.draft import ToolCall
from router.builtin.questions import Question
from router.builtin.words import words

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
MEASURE = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*([A-Za-z]+)?")
OPTION = re.compile(r"\b[A-D]\b")
WORD = re.compile(r"\w+")
FENCE = re.compile(r"\A\s*```(?:json)?\s*(.*?)\s*```\s*\Z", re.DOTALL)


def check(question: Question, reply: Mapping[str, Any]) -> float:
    """Return 1.0 when the assistant message `reply` gives the right answer and 0.0 when it does not.

    Numbers count as numbers, options as letters, JSON and arguments as values. A reply that hedges between answers
    is wrong; so is one that calls a tool and is asked for text, and the other way round.
    """
    return 1.0 if _right(question, reply) else 0.0


def _right(question: Question, reply: Mapping[str, Any]) -> bool:
    calls = reply.get("tool_calls") or []
    if isinstance(question.answer, ToolCall):
        return _calls(question.answer, calls)
    text = reply.get("content")
    if calls or not isinstance(text, str):
        return False
    return CHECKS.get(question.family, _word)(question.answer, text, question)


def _calls(right: ToolCall, calls: Any) -> bool:
    if len(calls) != 1:
        return False
    function = calls[0]["function"]
    return function["name"] == right.name and _same(_parsed(function["arguments"]), dict(right.arguments))


def _number(answer: str, text: str, question: Question) -> bool:
    """Numbers that only repeat the question do not count; if all do, the last one is the answer."""
    asked = {_value(number) for number in NUMBER.findall(question.ask)}
    said = [_value(number) for number in NUMBER.findall(text)]
    new = {number for number in said if number not in asked} or set(said[-1:])
    return new == {_value(answer)}


def _measure(answer: str, text: str, question: Question) -> bool:
    amount, unit = answer.split()
    named = [name for number, name in MEASURE.findall(text) if _value(number) == _value(amount)]
    return _number(amount, text, question) and named[-1] in ("", unit)


def _option(answer: str, text: str, question: Question) -> bool:
    said = text.strip()
    letters = {said.upper()} if len(said) == 1 else set(OPTION.findall(said))
    return letters == {answer}


def _label(answer: str, text: str, question: Question) -> bool:
    labels = {"positive", "negative"} if question.family == "sentiment" else set(words(question.shifted).tickets)
    return labels.intersection(WORD.findall(text.lower())) == {answer}


def _word(answer: str, text: str, question: Question) -> bool:
    """The word alone, at the end of a sentence ("The capital is Paris.") or before "is" ("Paris is …")."""
    said, right = WORD.findall(text.lower()), WORD.findall(answer.lower())
    size = len(right)
    return said[-size:] == right or (said[:size] == right and said[size : size + 1] == ["is"])


def _json(answer: str, text: str, question: Question) -> bool:
    fenced = FENCE.match(text)
    return _same(_parsed(fenced[1] if fenced else text), json.loads(answer))


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _same(said: object, right: Mapping[str, Any]) -> bool:
    """Equal by value; 3 is 3.0, but true is not 1."""
    if not isinstance(said, dict) or said.keys() != right.keys():
        return False
    return all(said[key] == right[key] and not isinstance(said[key], bool) for key in right)


def _value(number: str) -> Decimal:
    return Decimal(number.replace(",", ""))


CHECKS: Mapping[str, Callable[[str, str, Question], bool]] = {
    "add1": _number,
    "add2": _number,
    "add3": _number,
    "larger": _number,
    "units": _measure,
    "choice": _option,
    "sentiment": _label,
    "ticket": _label,
    "extract": _json,
}
