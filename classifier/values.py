"""The comparable value of an answer: answers with equal values say the same, whoever wrote them and however."""

from collections.abc import Mapping
from typing import Any

from classifier import values_code, values_text
from classifier.ask import text_of
from classifier.values_calls import Toolbox, Unreadable
from classifier.values_kind import Kind, kind_of, labels, looked_at, options, said
from classifier.values_plain import readable, tidy

__all__ = ["COMPARED", "Kind", "checkable", "comparable", "kind_of", "value_of"]

COMPARED: frozenset[str] = frozenset({"number", "choice", "label", "json", "tools"})
"""Kinds whose answers agree often enough to be worth comparing; code agrees only where it was written alike."""


def checkable(body: Mapping[str, Any]) -> bool:
    """Returns whether answers to this chat body can be compared: a number, choice, label, JSON or tool call."""
    return kind_of(body) in COMPARED


def value_of(body: Mapping[str, Any], message: Mapping[str, Any]) -> str | None:
    """Returns the canonical value of an assistant's message in answer to a chat body; None is an abstention.

    Prose has none. Where tools are offered, no call is a value; a call that cannot be read, or of a function
    that is not offered, abstains. Linear in the text, capped, and total: nothing a model writes raises.
    """
    return comparable(body, message, kind_of(body))


def comparable(body: Mapping[str, Any], message: Mapping[str, Any], kind: Kind | None) -> str | None:
    """Returns the same where the question's kind is known already."""
    if kind is None:
        return None
    if kind == "tools":
        try:
            return Toolbox(body).read(message).value
        except Unreadable:
            return None
    text = text_of(message.get("content"))
    if not text.strip() or len(text) > values_text.MAX_CHARS:
        return None
    return _read(body, tidy(readable(text)), kind)


def _read(body: Mapping[str, Any], text: str, kind: Kind) -> str | None:
    if kind == "number":
        return values_text.number_in(text)
    if kind == "choice":
        return values_text.choice_in(text, options(looked_at(body)))
    if kind == "label":
        return values_text.label_in(text, _labels(body))
    return values_text.json_in(text) if kind == "json" else values_code.code_in(text)


def _labels(body: Mapping[str, Any]) -> tuple[str, ...]:
    return labels(said(body))
