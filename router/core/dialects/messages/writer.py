"""A chat stream as the events of Messages, written while it comes."""

from collections.abc import Iterator, Mapping
from typing import Any

from router.core.dialects.dialect import Translated
from router.core.dialects.messages.checks import mapping_or_empty, mappings_in
from router.core.dialects.messages.errors import error_event
from router.core.dialects.messages.events import ended, started
from router.core.dialects.messages.pen import CALL, TEXT, THINKING, WHOLE, Pen, Piece
from router.core.dialects.messages.reply import guessed
from router.core.dialects.messages.spoken import (
    blocks_in,
    call_id,
    calls_in,
    function_of,
    message_id,
    shows_thinking,
    thoughts_of,
    words_of,
)
from router.core.dialects.messages.stops import stop_of
from router.core.dialects.messages.usage import anthropic_usage
from router.core.errors import RouterError
from router.core.reply import chars_of


class Writer:
    """One stream: `feed` every chat chunk, then `end`. Only choice 0 is written; Messages knows one answer."""

    def __init__(self, request: Translated) -> None:
        self._request = request
        self._pen = Pen()
        self._thinks = shows_thinking(request.body)
        self._begun = False
        self._refused = False
        self._choice: dict[str, Any] = {}
        self._usage: Mapping[str, Any] | None = None
        self._chars = 0
        self._heads: dict[int, Mapping[str, Any]] = {}
        self._whole = 0

    def feed(self, chunk: Mapping[str, Any]) -> bytes:
        """The events that one chunk becomes; b"" for none."""
        written = self._start(chunk)
        if isinstance(chunk.get("usage"), dict) and chunk["usage"]:
            self._usage = chunk["usage"]
        for choice in mappings_in(chunk.get("choices")):
            if choice.get("index", 0) == 0:
                self._choice |= {key: choice[key] for key in ("finish_reason", "stop_reason") if choice.get(key)}
                written += self._delta(mapping_or_empty(choice.get("delta")))
        return written

    def end(self) -> bytes:
        """The last block's end, why the answer stopped, what it used, and `message_stop`."""
        stops = self._request.chat.get("stop") or ()
        written = self._start({}) + self._pen.close()
        stop = stop_of(self._choice, stops, calls=self._pen.called, refused=self._refused)
        usage = self._usage or guessed(self._request, self._chars)
        return written + ended(stop, anthropic_usage(usage))

    def fail(self, error: RouterError) -> bytes:
        """An `error` event; no `message_stop` follows, so that what came is not taken for an answer."""
        return error_event(error)

    def _start(self, chunk: Mapping[str, Any]) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        message: dict[str, Any] = {
            "id": message_id(chunk.get("id")),
            "type": "message",
            "role": "assistant",
            "model": chunk.get("model") or self._request.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": anthropic_usage(guessed(self._request, 0)),
        }
        return started(message)

    def _delta(self, delta: Mapping[str, Any]) -> bytes:
        self._chars += chars_of(delta)
        self._refused |= bool(delta.get("refusal"))
        written = b"".join(map(self._pen.put, self._thoughts(delta))) if self._thinks else b""
        if words := words_of(delta):
            written += self._pen.put(Piece((TEXT, 0), {"type": "text", "text": ""}, words))
        for fragment in calls_in(delta):
            written += self._pen.put(self._call(fragment))
        return written

    def _thoughts(self, delta: Mapping[str, Any]) -> Iterator[Piece]:
        head, thoughts = {"type": "thinking", "thinking": "", "signature": ""}, thoughts_of(delta)
        if thoughts:
            yield Piece((THINKING, self._whole), head, thoughts)
        for block in blocks_in(delta):
            if block.get("type") == "redacted_thinking":
                self._whole += 1
                yield Piece((WHOLE, self._whole), block)
                continue
            text, signature = (str(block.get(name) or "") for name in ("thinking", "signature"))
            known = bool(thoughts) or self._pen.thought() == text
            yield Piece((THINKING, self._whole), head, "" if known else text, signature)
            self._whole += bool(signature)  # signed, it is whole: the next thought is another block

    def _call(self, fragment: Mapping[str, Any]) -> Piece:
        """A fragment of a call; without an index, a new id begins a new call."""
        name, arguments = function_of(fragment)
        index = fragment.get("index")
        if not isinstance(index, int):
            last = max(self._heads, default=-1)
            same = last >= 0 and fragment.get("id") in (None, "", self._heads[last]["id"])
            index = last if same else last + 1
        if index not in self._heads:
            call = call_id(fragment, len(self._heads))
            self._heads[index] = {"type": "tool_use", "id": call, "name": name, "input": {}}
        return Piece((CALL, index), self._heads[index], arguments)
