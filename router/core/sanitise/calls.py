"""Tool calls: ids in the target's shape, no foreign signatures."""

import hashlib
import string
from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any

from router.core.sanitise.roles import Message, Messages, each
from router.core.sanitise.target import Ids, Target

LETTERS = string.digits + string.ascii_letters


def unsign_calls(messages: Messages, target: Target) -> Messages:
    """Without Google's thought signatures, which ride in `extra_content` of a call."""
    return messages if target.signed_calls else each(messages, _unsigned)


def _unsigned(message: Message) -> Message:
    calls = calls_in(message)
    if not any("extra_content" in call for call in calls):
        return message
    kept = [{key: value for key, value in call.items() if key != "extra_content"} for call in calls]
    return {**message, "tool_calls": kept}


def fit_ids(messages: Messages, target: Target) -> Messages:
    """Every id in the target's shape, each result still naming its call; ids that fit stay."""
    return _Renaming(target).run(messages)


class _Renaming:
    """New ids for one conversation: the same id gets the same one, wherever the conversation is asked again."""

    def __init__(self, target: Target) -> None:
        self._ids: Ids = target.ids
        self._unique = target.unique_ids
        self._taken: set[str] = set()
        self._waiting: dict[str, deque[str]] = defaultdict(deque)

    def run(self, messages: Messages) -> Messages:
        fitting = (_id(call) for message in messages for call in calls_in(message))
        self._fitting = {found for found in fitting if self._ids.fit(found)}
        return each(messages, self._message)

    def _message(self, message: Message) -> Message:
        if message.get("role") == "tool":
            return self._result(message)
        calls = calls_in(message)
        if not calls:
            return message
        self._waiting.clear()  # results belong to the calls just before them
        named = [self._call(call) for call in calls]
        same = all(new is old for new, old in zip(named, calls, strict=True))
        return message if same else {**message, "tool_calls": named}

    def _call(self, call: Mapping[str, Any]) -> Mapping[str, Any]:
        old = _id(call)
        new = self._name(old)
        self._waiting[old].append(new)
        return call if new == call.get("id") else {**call, "id": new}

    def _result(self, message: Message) -> Message:
        old = message.get("tool_call_id")
        old = old if isinstance(old, str) else ""
        waiting = self._waiting[old]
        new = waiting.popleft() if len(waiting) > 1 else waiting[0] if waiting else self._orphan(old)
        return message if new == message.get("tool_call_id") else {**message, "tool_call_id": new}

    def _name(self, old: str) -> str:
        if self._ids.fit(old) and not (self._unique and old in self._taken):
            self._taken.add(old)
            return old
        number = 0
        while (new := made(old, number, self._ids.length)) in self._taken | self._fitting:
            number += 1
        self._taken.add(new)
        return new

    def _orphan(self, old: str) -> str:
        """A result whose call is not there keeps its id where it can."""
        return old if self._ids.fit(old) else made(old, 0, self._ids.length)


def made(old: str, number: int, length: int) -> str:
    """An id of letters and digits that `old` always leads to; `number` tells repetitions apart."""
    left = int.from_bytes(hashlib.blake2b(f"{number}:{old}".encode("utf-8", "surrogatepass")).digest())
    letters = []
    for _ in range(length):
        left, letter = divmod(left, len(LETTERS))
        letters.append(LETTERS[letter])
    return "".join(letters)


def calls_in(message: Message) -> list[Any]:
    """The calls of an assistant's message; none where it has none."""
    calls = message.get("tool_calls")
    if not calls or not isinstance(calls, list) or message.get("role") != "assistant":
        return []
    return [call for call in calls if isinstance(call, dict)]


def _id(call: Mapping[str, Any]) -> str:
    found = call.get("id")
    return found if isinstance(found, str) else ""
