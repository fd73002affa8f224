"""Writes a chat stream as typed events with sequence numbers; a whole reply is the same in one step."""

from collections.abc import Mapping
from typing import Any, Literal

import orjson

from router.core.dialects.dialect import Translated
from router.core.dialects.responses.output import CallItem, MessageItem, Part, PartKind, Status, annotation_of
from router.core.dialects.responses.snapshot import Snapshot
from router.core.dialects.responses.tools import namespaced
from router.core.errors import RouterError, UpstreamFailed
from router.core.reply import text_of

_CUT_SHORT = {"length": "max_output_tokens", "content_filter": "content_filter"}
# What agents branch on in a failed response; anything else has the one code that all clients know.
_TOLD = ("rate_limit_exceeded", "context_length_exceeded", "insufficient_quota")
_SAY = {
    "output_text": "response.output_text",
    "refusal": "response.refusal",
    "reasoning_text": "response.reasoning_text",
}


def event(kind: str, **fields: Any) -> bytes:
    """One server-sent event, named as its `type`."""
    return b"event: " + kind.encode() + b"\ndata: " + orjson.dumps({"type": kind, **fields}) + b"\n\n"


class ResponsesWriter:
    """Turns chat chunks into events. Words and thoughts end when something else begins; calls end with the stream.

    Calls stay open because some servers send the fragments of parallel calls by turns.
    """

    def __init__(self, request: Translated) -> None:
        self._snapshot = Snapshot(request)
        self._names = namespaced(request.body)
        self._items: list[MessageItem | CallItem] = []
        self._done: dict[int, dict[str, Any]] = {}
        self._speaking: MessageItem | None = None
        self._calls: dict[int, CallItem] = {}
        self._reason: str | None = None
        self._out: list[bytes] = []
        self._number = 0

    def feed(self, chunk: Mapping[str, Any]) -> bytes:
        """The events that one chat chunk becomes; the first brings `response.created` before them."""
        self._snapshot.note(chunk)
        self._begin()
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and choice.get("index", 0) in (0, None):
                self._choice(choice, choice.get("delta"))
        return self._drain()

    def end(self) -> bytes:
        """`response.completed`, or `response.incomplete` for an answer cut by its limit or a filter.

        A stream that never gave a finish reason is no answer: it ends as `fail` does.
        """
        if self._reason is None:
            error = UpstreamFailed("The stream broke off. Try again.", upstream="", code="stream_interrupted")
            return self.fail(error)
        self._begin()
        response = self._final()
        self._emit(f"response.{response['status']}", response=response)
        return self._drain()

    def fail(self, error: RouterError) -> bytes:
        """The end of a stream that failed: the error SDKs raise, then `response.failed` for agents that wait for it."""
        self._begin()
        said = {"code": error.code, "message": error.message, "param": error.param}
        self._emit("error", **said, error={**said, "type": error.type})
        failure = {"code": error.code if error.code in _TOLD else "server_error", "message": error.message}
        output = [self._now(item, "incomplete") for item in self._items]
        self._emit("response.failed", response=self._snapshot.whole("failed", output, error=failure))
        return self._drain()

    def whole(self, completion: Mapping[str, Any]) -> dict[str, Any]:
        """The response object of a chat completion that came in one piece."""
        self._snapshot.note(completion)
        self._begin()
        choices = completion.get("choices")
        found = [choice for choice in choices or () if isinstance(choice, dict)] if isinstance(choices, list) else []
        if found:
            self._choice(found[0], found[0].get("message"))
        return self._final()

    def _begin(self) -> None:
        if self._number == 0:
            self._snapshot.note({})
            for kind in ("response.created", "response.in_progress"):
                self._emit(kind, response=self._snapshot.whole("in_progress", []))

    def _choice(self, choice: Mapping[str, Any], delta: object) -> None:
        if isinstance(delta, dict):
            self._delta(delta, choice.get("logprobs"))
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self._reason = reason

    def _delta(self, delta: Mapping[str, Any], logprobs: object) -> None:
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if isinstance(thought, str):
            self._say("reasoning_text", thought)
        probabilities = logprobs.get("content") if isinstance(logprobs, dict) else None
        self._say("output_text", text_of(delta), probabilities if isinstance(probabilities, list) else None)
        annotations = delta.get("annotations")
        for annotation in annotations if isinstance(annotations, list) else ():
            if isinstance(annotation, dict):
                self._annotate(annotation_of(annotation))
        refusal = delta.get("refusal")
        if isinstance(refusal, str):
            self._say("refusal", refusal)
        calls = delta.get("tool_calls")
        for fragment in calls if isinstance(calls, list) else ():
            if isinstance(fragment, dict):
                self._call(fragment)
        if isinstance(delta.get("function_call"), dict):  # the form before tools
            self._call({"index": 0, "function": delta["function_call"]})

    def _say(self, kind: PartKind, text: str, logprobs: list[Any] | None = None) -> None:
        if not text and not logprobs:
            return
        part = self._part(kind)
        part.pieces.append(text)
        fields: dict[str, Any] = {"delta": text}
        if kind == "output_text":
            part.logprobs += logprobs or ()
            fields["logprobs"] = logprobs or []
        self._emit(f"{_SAY[kind]}.delta", **self._where(), **fields)

    def _annotate(self, annotation: dict[str, Any]) -> None:
        part = self._part("output_text")
        part.annotations.append(annotation)
        number = len(part.annotations) - 1
        fields = {"annotation_index": number, "annotation": annotation}
        self._emit("response.output_text.annotation.added", **self._where(), **fields)

    def _part(self, kind: PartKind) -> Part:
        """The part that words of this kind go into, begun with its events if it is not open."""
        item = self._spoken("reasoning" if kind == "reasoning_text" else "message")
        if not item.parts or item.parts[-1].kind != kind:
            self._close_part()
            item.parts.append(Part(kind))
            self._emit("response.content_part.added", **self._where(), part=item.parts[-1].whole())
        return item.parts[-1]

    def _spoken(self, kind: Literal["message", "reasoning"]) -> MessageItem:
        if self._speaking is None or self._speaking.kind != kind:
            self._close_speaking("completed")
            index = len(self._items)
            prefix = "msg" if kind == "message" else "rs"
            self._speaking = MessageItem(self._snapshot.item_id(prefix, index), index, kind)
            self._add(self._speaking)
        return self._speaking

    def _call(self, fragment: Mapping[str, Any]) -> None:
        """Add to a call. It is announced with its name; what came before that is kept."""
        self._close_speaking("completed")
        call = self._called(fragment)
        piece = call.add(fragment)
        if call.index < 0 and call.name:
            self._announce(call)
            piece = call.text
        if call.index >= 0 and piece:
            self._emit(f"{_saying(call)}.delta", item_id=call.id, output_index=call.index, delta=piece)

    def _called(self, fragment: Mapping[str, Any]) -> CallItem:
        """The call a fragment belongs to. Without an index, a new id begins a new call."""
        index = fragment.get("index")
        if not isinstance(index, int):
            last = max(self._calls, default=-1)
            same = last >= 0 and fragment.get("id") in (None, "", self._calls[last].call_id)
            index = last if same else last + 1
        custom = fragment.get("type") == "custom" or isinstance(fragment.get("custom"), dict)
        return self._calls.setdefault(index, CallItem("custom" if custom else "function"))

    def _announce(self, call: CallItem) -> None:
        call.index = len(self._items)
        call.id = self._snapshot.item_id("fc" if call.kind == "function" else "ctc", call.index)
        held, call.pieces = call.pieces, []
        self._add(call)
        call.pieces = held

    def _add(self, item: MessageItem | CallItem) -> None:
        self._items.append(item)
        self._emit("response.output_item.added", output_index=item.index, item=self._now(item, "in_progress"))

    def _close_part(self) -> None:
        if self._speaking is None or not self._speaking.parts:
            return
        part = self._speaking.parts[-1]
        fields: dict[str, Any] = {"refusal" if part.kind == "refusal" else "text": part.text}
        if part.kind == "output_text":
            fields["logprobs"] = part.logprobs
        self._emit(f"{_SAY[part.kind]}.done", **self._where(), **fields)
        self._emit("response.content_part.done", **self._where(), part=part.whole())

    def _close_speaking(self, status: Status) -> None:
        if self._speaking is not None:
            self._close_part()
            self._close(self._speaking, status)
            self._speaking = None

    def _close(self, item: MessageItem | CallItem, status: Status) -> None:
        self._done[item.index] = self._now(item, status)
        self._emit("response.output_item.done", output_index=item.index, item=self._done[item.index])

    def _final(self) -> dict[str, Any]:
        """Close what is open and return the response object; only the last item can have been cut short."""
        cut = _CUT_SHORT.get(self._reason or "")
        status: Status = "incomplete" if cut else "completed"
        self._close_speaking(status)
        calls = [self._calls[index] for index in sorted(self._calls)]
        for call in calls:
            if call.index < 0:
                self._announce(call)
            whole = {"arguments" if call.kind == "function" else "input": call.text}
            self._emit(f"{_saying(call)}.done", item_id=call.id, output_index=call.index, **whole)
            self._close(call, status if call is calls[-1] else "completed")
        output = [self._done[index] for index in sorted(self._done)]
        return self._snapshot.whole(status, output, incomplete_details={"reason": cut} if cut else None)

    def _now(self, item: MessageItem | CallItem, status: Status) -> dict[str, Any]:
        if item.index in self._done:
            return self._done[item.index]
        return item.whole(status) if isinstance(item, MessageItem) else item.whole(status, self._names)

    def _where(self) -> dict[str, Any]:
        """Which part of which item is being written."""
        item = self._speaking
        assert item is not None
        return {"item_id": item.id, "output_index": item.index, "content_index": len(item.parts) - 1}

    def _emit(self, kind: str, **fields: Any) -> None:
        self._out.append(event(kind, sequence_number=self._number, **fields))
        self._number += 1

    def _drain(self) -> bytes:
        out, self._out = b"".join(self._out), []
        return out


def _saying(call: CallItem) -> str:
    return "response.function_call_arguments" if call.kind == "function" else "response.custom_tool_call_input"
