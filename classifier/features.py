"""A request as a named, ordered, versioned vector of numbers."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import log1p
from struct import Struct
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from classifier import text
from classifier.conversation import Conversation, conversation_of

_TOOLS_LOOKED_AT = 32


@dataclass(frozen=True, slots=True)
class Feature:
    """One number the classifier reads; `version` rises when its meaning changes."""

    name: str
    about: str
    version: int = 1


CATALOGUE: tuple[Feature, ...] = (
    Feature("ask_chars", "Length of the last human ask in characters, whole, as log(1 + n)."),
    Feature("digit_share", "Share of digits in the ask."),
    Feature("upper_share", "Share of upper-case letters in the ask."),
    Feature("mark_share", "Share of punctuation in the ask."),
    Feature("bracket_share", "Share of brackets and braces in the ask."),
    Feature("operator_share", "Share of arithmetic and comparison signs in the ask."),
    Feature("beyond_ascii_share", "Share of bytes outside ASCII: other scripts, accents, symbols."),
    Feature("lines", "Line breaks in the ask, as log(1 + n)."),
    Feature("commas", "Commas, as log(1 + n)."),
    Feature("stops", "Full stops and exclamation marks, about the number of sentences, as log(1 + n)."),
    Feature("question_marks", "Question marks, as log(1 + n)."),
    Feature("quotes", "Double quotes, as log(1 + n)."),
    Feature("backslashes", "Backslashes (LaTeX, escapes), as log(1 + n)."),
    Feature("dollars", "Dollar signs (money, LaTeX), as log(1 + n)."),
    Feature("backticks", "Backticks (code), as log(1 + n)."),
    Feature("underscores", "Underscores (identifiers, blanks to fill), as log(1 + n)."),
    Feature("words", "Words in the ask, as log(1 + n)."),
    Feature("word_length", "Mean length of a word, in bytes."),
    Feature("distinct_words", "Share of distinct words among all."),
    Feature("opener", "Class of the first word (1 what … 16 greeting), 0 for none."),
    Feature("last_question", "Class of the word opening the last sentence that asks, 0 without one."),
    Feature("numbers", "Runs of digits, as log(1 + n)."),
    Feature("largest_number", "Value of the longest run of digits, as log(1 + n)."),
    Feature("choices", "Lettered options (A. B. C. …) offered, at most 12."),
    Feature("choice_length", "Mean length of an option, as log(1 + n)."),
    Feature("choice_digit_share", "Share of digits in the options."),
    Feature("stem_length", "Length of the ask before the options, as log(1 + n)."),
    *(Feature(name, f"1 when the ask has a word of the family `{name}` (see text.py).") for name, _ in text.FAMILIES),
    Feature("turns", "Messages in the conversation, as log(1 + n)."),
    Feature("tool_turns", "Messages that carry a tool's result, as log(1 + n)."),
    Feature("answers_so_far", "Messages by the assistant, as log(1 + n)."),
    Feature("conversation_chars", "Characters of all messages together, as log(1 + n)."),
    Feature("system_chars", "Characters of system and developer messages, as log(1 + n)."),
    Feature("images", "Parts that are not text (images, audio, files), as log(1 + n)."),
    Feature("tools", "Tools offered, as log(1 + n)."),
    Feature("tools_bytes", "Size of the tools as JSON in bytes, as log(1 + n)."),
    Feature("tool_parameters", "Parameters of the first 32 tools together, as log(1 + n)."),
    Feature("tool_required", "Required parameters of the first 32 tools together, as log(1 + n)."),
    Feature("tool_forced", "1 when tool_choice demands a call."),
    Feature("answer_format", "0 free text, 1 a JSON object, 2 a JSON schema."),
    Feature("schema_bytes", "Size of the answer's JSON schema in bytes, as log(1 + n)."),
    Feature("max_tokens", "The client's limit on output tokens, as log(1 + n), 0 without one."),
)
"""Every feature, in the order of the vector."""

FEATURES: tuple[str, ...] = tuple(feature.name for feature in CATALOGUE)

_ROW = Struct(f"={len(FEATURES)}f")


def extract(body: Mapping[str, Any], conversation: Conversation | None = None) -> NDArray[np.float32]:
    """Returns the features of a chat body, shape (len(FEATURES),), float32, all finite.

    Pure, and total: a body of the wrong shape gives zeros where it says nothing. `conversation` is the
    body's, where it has been read before. Flat above 4 KB of ask, of which only the first 3 and the last
    1 KB are read.
    """
    return np.array(_values(body, conversation or conversation_of(body)), dtype=np.float32)


def packed(body: Mapping[str, Any], conversation: Conversation) -> bytes:
    """Returns the bytes of `extract(body, conversation)`, made without numpy, whose first touch costs a request more
    than all the counting."""
    return _ROW.pack(*_values(body, conversation))


def _values(body: Mapping[str, Any], talk: Conversation) -> list[float]:
    data = text.looked_at(talk.ask)
    lowered = data.lower()
    return [
        log1p(len(talk.ask)),
        *text.characters(data),
        *text.words(lowered),
        text.last_question(lowered),
        *text.numbers(data),
        *text.options(data),
        *text.families(data),
        *_conversation(talk),
        *_tools(body),
        *_answer(body),
    ]


@cache
def feature_set() -> str:
    """Returns the digest of names, order and versions: vectors of equal digests may be compared."""
    line = "\n".join(f"{feature.name} {feature.version}" for feature in CATALOGUE)
    return hashlib.sha256(line.encode()).hexdigest()[:12]


def _conversation(talk: Conversation) -> Iterable[float]:
    count = talk.roles.count
    chars, system = sum(map(len, talk.texts)), sum(map(len, talk.system))
    others = sum(isinstance(part, Mapping) and "text" not in part for part in talk.parts) if talk.parts else 0
    return map(log1p, (talk.turns, count("tool"), count("assistant"), chars, system, others))


def _tools(body: Mapping[str, Any]) -> list[float]:
    tools = body.get("tools")
    if not tools or not isinstance(tools, list):
        return [0.0] * 5
    parameters = required = 0
    for tool in tools[:_TOOLS_LOOKED_AT]:
        function = tool.get("function", tool) if isinstance(tool, Mapping) else None
        schema = function.get("parameters") if isinstance(function, Mapping) else None
        if isinstance(schema, Mapping):
            parameters += _size(schema.get("properties"))
            required += _size(schema.get("required"))
    forced = body.get("tool_choice") not in (None, "auto", "none")
    counts = (len(tools), _json_size(tools), parameters, required)
    return [*(log1p(n) for n in counts), float(forced)]


def _answer(body: Mapping[str, Any]) -> list[float]:
    kind, schema = 0.0, 0
    if isinstance(wanted := body.get("response_format"), dict):
        named = wanted.get("type")
        kind = 2.0 if named == "json_schema" else 1.0 if named == "json_object" else 0.0
        schema = _json_size(wanted.get("json_schema")) if kind == 2.0 else 0
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    limited = limit if isinstance(limit, (int, float)) and limit > 0 else 0
    return [kind, log1p(schema), log1p(limited)]


def _size(value: Any) -> int:
    return len(value) if isinstance(value, list | Mapping) else 0


def _json_size(value: Any) -> int:
    try:
        return len(orjson.dumps(value))
    except TypeError:
        return 0
