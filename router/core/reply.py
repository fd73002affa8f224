"""A chat reply as read: the assistant's message, what it used, and an error that came as an answer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import orjson

from router.core.ports import Answer
from router.core.prices import Usage

CHARS_PER_TOKEN = 4
NOT_JSON = "not_json"
MAX_TOKENS = 10**12  # what is more is no count, and its price would not fit a row


class ChatReply(msgspec.Struct, frozen=True):
    """A whole body. `error` is set when it is no answer at all; `usage` is None where none was given."""

    answer: Answer
    usage: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    reply_id: str = ""


def read_reply(body: bytes, decoded: object = None) -> ChatReply:
    """The reply in `body`, which is `decoded` where it was read before.

    Never raises: what cannot be read is an error inside the answer.
    """
    reply = parsed(body) if decoded is None else decoded
    if not isinstance(reply, dict) or reply.get("error") or reply.get("object") == "error":
        return ChatReply(Answer({}, None, complete=False), error=error_of(reply))
    choices, usage = reply.get("choices"), reply.get("usage")
    choice = _first(choices)
    message, reason, logprobs = choice.get("message"), choice.get("finish_reason"), choice.get("logprobs")
    reply_id = reply.get("id")
    answer = Answer(
        message if isinstance(message, dict) else {},
        reason if isinstance(reason, str) and reason else None,
        complete=bool(choice),
        logprobs=tuple(filter(_is_mapping, _entries(logprobs))) if logprobs else (),
        choices=len(choices) if isinstance(choices, list) else 0,
    )
    return ChatReply(
        answer,
        usage=usage if isinstance(usage, dict) and usage else None,
        error=None if choice else _error("the reply has no choices", "no_choices"),
        reply_id=reply_id if isinstance(reply_id, str) else "",
    )


def parsed(data: bytes) -> Any:
    """`data` as JSON, or None.

    What orjson refuses gets a second look: servers written in Python send NaN for a missing
    log-probability, and some cut a character in two.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    try:
        return _mended(json.loads(data.decode("utf-8", "replace")))
    except (ValueError, RecursionError):
        return None


def _mended(value: Any) -> Any:
    """`value` with a question mark for every lone surrogate, which cannot be encoded."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_mended(one) for one in value]
    return {_mended(key): _mended(one) for key, one in value.items()} if isinstance(value, dict) else value


def error_of(reply: object) -> Mapping[str, Any] | None:
    """The error a 200 may hide, as a mapping with `message`; None for an answer.

    Known shapes: `{"error": {…}}`, `{"error": "text"}` and `{"object": "error", "message": …}`.
    """
    if not isinstance(reply, dict):
        return _error("the upstream sent something that is not a JSON object", NOT_JSON)
    error = reply.get("error")
    if error:
        return error if isinstance(error, dict) else _error(str(error), None)
    return reply if reply.get("object") == "error" else None


def usage_of(usage: Mapping[str, Any]) -> Usage:
    """OpenAI's counts, each token counted once.

    OpenAI counts cached tokens in `prompt_tokens` and reasoning tokens in `completion_tokens`, unless the total shows
    that they come on top. A part larger than its whole is reduced to it, and what is not a count is 0.
    """
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    into, out = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
    cached = written = reasoning = 0
    if isinstance(into, dict):
        cached = min(_count(into.get("cached_tokens")), prompt)
        written = min(_count(into.get("cache_write_tokens")), prompt - cached)
    if isinstance(out, dict):
        reasoning = _count(out.get("reasoning_tokens"))
        if reasoning and _count(usage.get("total_tokens")) == prompt + completion + reasoning:
            completion += reasoning  # counted beside the completion, as xAI does
        reasoning = min(reasoning, completion)
    return Usage(prompt - cached - written, cached, written, completion - reasoning, reasoning)


def estimate(chars_in: int, chars_out: int) -> Usage:
    """Usage where the upstream gave none: a token for every four characters, rounded up.

    Rough: English prose has 4 to 5 characters a token, code 2.5 to 4, Chinese and Japanese 1 to 2.
    Prose is thus over-counted by up to a quarter; code may be under-counted by a third, and
    Chinese by more than half. `source` says that it is an estimate wherever it is shown.
    """
    tokens_in, tokens_out = (-(-max(0, chars) // CHARS_PER_TOKEN) for chars in (chars_in, chars_out))
    return Usage(input=tokens_in, output=tokens_out, source="estimate")


def text_of(message: Mapping[str, Any]) -> str:
    """The content of a message as text, empty when there is none; some servers send it in parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(_text(_mapping(part).get("text")) for part in parts)


def chars_of(message: Mapping[str, Any]) -> int:
    """Characters a model wrote in a message or a delta: its texts and the arguments of its calls."""
    chars = 0
    for key, value in message.items():
        if isinstance(value, str):
            if key != "role":
                chars += len(value)
        elif key == "tool_calls":
            chars += arguments_in(value)
    return chars


def arguments_in(calls: object) -> int:
    """Characters of the arguments in a message's tool calls, or in pieces of them; 0 where these are none."""
    functions = [_mapping(_mapping(call).get("function")) for call in calls] if isinstance(calls, list) else []
    return sum([len(_text(function.get("arguments"))) for function in functions])


@dataclass(slots=True)
class _Call:
    """A tool call while its fragments arrive."""

    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)

    def add(self, fragment: Mapping[str, Any]) -> None:
        function = _mapping(fragment.get("function"))
        self.id = self.id or _text(fragment.get("id"))
        name = _text(function.get("name"))
        if name != self.name:  # some servers repeat the whole name with every fragment
            self.name += name
        arguments = function.get("arguments")
        if isinstance(arguments, dict):  # not OpenAI's shape, but seen
            arguments = orjson.dumps(arguments).decode()
        self.arguments.append(_text(arguments))

    def whole(self) -> dict[str, Any]:
        function = {"name": self.name, "arguments": "".join(self.arguments)}
        return {"id": self.id, "type": "function", "function": function}


class MessageParts:
    """An assistant's message put together from deltas; the fragments of arguments stay as they came."""

    def __init__(self) -> None:
        self.logprobs: list[Mapping[str, Any]] = []
        self._texts: dict[str, list[str]] = {}
        self._calls: dict[int, _Call] = {}
        self._function: _Call | None = None  # the form before tools

    def add(self, delta: Mapping[str, Any], logprobs: object = None) -> None:
        """Add one delta of the message."""
        for key, value in delta.items():
            if isinstance(value, str) and key != "role":
                self._texts.setdefault(key, []).append(value)
        calls = delta.get("tool_calls")
        for fragment in filter(_is_mapping, calls) if isinstance(calls, list) else ():
            self._call(fragment).add(fragment)
        if isinstance(delta.get("function_call"), dict):
            self._function = self._function or _Call()
            self._function.add({"function": delta["function_call"]})
        content = _mapping(logprobs).get("content")
        self.logprobs += filter(_is_mapping, content) if isinstance(content, list) else ()

    def message(self) -> dict[str, Any]:
        """OpenAI's message object. `content` is None when no text came."""
        texts = {key: "".join(pieces) for key, pieces in self._texts.items()}
        message: dict[str, Any] = {"role": "assistant", "content": None, **texts}
        if self._calls:
            message["tool_calls"] = [self._calls[index].whole() for index in sorted(self._calls)]
        if self._function:
            message["function_call"] = self._function.whole()["function"]
        return message

    def _call(self, fragment: Mapping[str, Any]) -> _Call:
        """The call a fragment belongs to. Without an index, a new id begins a new call."""
        index = fragment.get("index")
        if not isinstance(index, int):
            last = max(self._calls, default=-1)
            same = last >= 0 and fragment.get("id") in (None, "", self._calls[last].id)
            index = last if same else last + 1
        return self._calls.setdefault(index, _Call())


def _first(choices: object) -> Mapping[str, Any]:
    """Choice 0, wherever it is in the list; empty if there is none."""
    if not isinstance(choices, list) or not choices:
        return {}
    first = choices[0]
    if isinstance(first, dict) and first.get("index", 0) == 0:  # where nearly every server puts it
        return first
    found = [c for c in choices if isinstance(c, dict)]
    return next((c for c in found if c.get("index", 0) == 0), found[0] if found else {})


def _error(message: str, code: str | None) -> Mapping[str, Any]:
    return {"message": message, "type": "upstream_error", "code": code}


def _count(value: object) -> int:
    if type(value) is int:  # a bool is none, and no count
        return value if 0 <= value < MAX_TOKENS else 0
    return int(value) if isinstance(value, float) and 0 <= value < MAX_TOKENS else 0


def _entries(logprobs: object) -> Sequence[Any]:
    """What is said of the content's tokens, one by one."""
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    return content if isinstance(content, list) else ()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_mapping(value: object) -> bool:
    return isinstance(value, dict)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
