"""How one call goes out and its answer comes back: as a chat, as it came, or translated.

The client's dialect and what the upstream speaks decide. Whichever it is, judges, usage and the
question whether an answer is whole are a chat tap's business.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from router.core.dialects.chat import ChatRequest, error_event, midway
from router.core.dialects.dialect import NativeReader, Original
from router.core.dialects.messages.passage import mended
from router.core.errors import RouterError, UpstreamError
from router.core.reply import ChatReply, error_of, parsed, read_reply
from router.core.splice import splice
from router.core.stream import ChatTap, Seen, data_of
from router.core.upstream import NO_HEADERS

DONE = b"data: [DONE]\n\n"


class ChatWay:
    """A chat from a client to an upstream that takes it: the bytes are theirs, only named keys are ours.

    `shown` is what the reply's `model` is to say, None for what it says itself. `dialect`: which one goes out as it
    came where that is not a chat, "" for a chat.
    """

    path = "/chat/completions"
    native = False
    dialect = ""
    headers = NO_HEADERS
    _roles: frozenset[int] = frozenset()
    _opened = _counted = _closed = False

    def __init__(self, request: ChatRequest, *, gather: bool, shown: str | None) -> None:
        self.request, self.body = request, request.body
        self.tap = ChatTap(gather=gather)
        if request.body.get("logprobs"):
            self.tap.sought = True
        self._shown = None if shown is None else orjson.dumps(shown)

    def as_it_came(
        self, model: str, *, foreign: bool, rejects: frozenset[str] = frozenset()
    ) -> tuple[bytes, tuple[str, ...]]:
        """The client's bytes for an upstream that knows the model as `model`, and what else was changed.

        `foreign`: another model has answered in this conversation, or may have. `rejects`: what the upstream is known
        to refuse.
        """
        return self.request.encoded(model), ()

    def read(self, body: bytes, decoded: Mapping[str, Any] | None = None) -> ChatReply:
        """A whole reply, as judges and prices see it; `decoded` is its JSON, where that was read before."""
        return read_reply(body, decoded)

    def reply(self, body: bytes, content_type: str) -> tuple[bytes, str]:
        """The client's bytes for a whole reply, and what they are called."""
        return self._renamed(body), content_type

    def tell(self, event: bytes, seen: Seen) -> bytes:
        """The client's bytes for one event of a stream that `tap` has seen; b"" for none."""
        if seen is Seen.USAGE:
            self._counted = True
            if not self.request.wants_usage:
                return b""
        elif seen is Seen.DONE:
            return self._last(event)
        elif not self._opened and seen is Seen.DELTA:
            event = self._opening(event)
        return event if self._shown is None else self._renamed_event(event)

    def end(self) -> bytes:
        """What a complete stream still lacks: some servers leave [DONE] out, and clients wait for it."""
        return b"" if self._closed else self._last(DONE)

    def fail(self, error: RouterError) -> bytes:
        """The end of a stream that broke after its first byte."""
        return error_event(error)

    def _last(self, done: bytes) -> bytes:
        """[DONE], for a whole answer only; before it the usage, where a server told it beside something else."""
        if not self.tap.complete:
            return b""
        self._closed = True
        usage = self.tap.usage
        wanted = self.request.wants_usage and usage is not None and not self._counted
        return usage_event(self.tap.chunk, usage or {}) + done if wanted else done

    def _opening(self, event: bytes) -> bytes:
        """The event with the role in the first delta of every choice: SDKs build their message on it."""
        chunk = self.tap.chunk
        fresh = [choice for choice in _choices(chunk) if choice.get("index", 0) not in self._roles]
        self._roles |= {choice.get("index", 0) for choice in fresh}
        asked = self.request.body.get("n")
        self._opened = len(self._roles) >= (asked if isinstance(asked, int) else 1)
        lacking = [choice["delta"] for choice in fresh if not choice["delta"].get("role")]
        for delta in lacking:
            delta["role"] = "assistant"
        return b"data: " + orjson.dumps(chunk) + b"\n\n" if lacking else event

    def _renamed(self, body: bytes) -> bytes:
        if self._shown is None:
            return body
        try:
            return splice(body, {"model": self._shown})
        except ValueError:
            return body

    def _renamed_event(self, event: bytes) -> bytes:
        """The same for an event of one data line; anything else goes on as it came."""
        head, brace, rest = event.partition(b"{")
        end = rest.rfind(b"}") + 1
        if not end or event.count(b"data:", 0, len(head) + 1) != 1:
            return event
        return head + self._renamed(brace + rest[:end]) + rest[end:]


class TranslatedWay(ChatWay):
    """A request of another dialect to an upstream of chats: the answer is translated back."""

    def __init__(self, request: ChatRequest, original: Original, *, gather: bool, shown: str | None) -> None:
        super().__init__(request, gather=gather, shown=None)
        self._dialect, self._request = original.dialect, original.request
        self._writer = original.dialect.writer(original.request)
        self._name = shown

    def reply(self, body: bytes, content_type: str) -> tuple[bytes, str]:
        """The body in the client's dialect."""
        return self._dialect.reply(self._request, self._named(parsed(body))), "application/json"

    def tell(self, event: bytes, seen: Seen) -> bytes:
        """The events that one chunk becomes; comments go on, for they keep connections open."""
        if seen is Seen.NOTHING:
            return event if event.startswith(b":") else b""
        return b"" if seen is Seen.DONE else self._writer.feed(self._named(self.tap.chunk))

    def end(self) -> bytes:
        """The dialect's own end."""
        return self._writer.end()

    def fail(self, error: RouterError) -> bytes:
        """The dialect's own way to break off."""
        return self._writer.fail(error)

    def _named(self, chunk: Mapping[str, Any]) -> Mapping[str, Any]:
        return chunk if self._name is None else {**chunk, "model": self._name}


class NativeWay(ChatWay):
    """Another dialect before an upstream that speaks it: bytes there, bytes back, and a tap that understands."""

    native = True

    def __init__(self, request: ChatRequest, original: Original, *, gather: bool, shown: str | None) -> None:
        super().__init__(request, gather=gather, shown=shown)
        self.path, self.dialect = original.dialect.path.removeprefix("/v1"), original.dialect.name
        self.headers = original.headers
        self._original, self.body = original, original.request.body
        self._reader = original.dialect.reader()
        self.tap = NativeTap(self._reader, gather=gather)

    def as_it_came(
        self, model: str, *, foreign: bool, rejects: frozenset[str] = frozenset()
    ) -> tuple[bytes, tuple[str, ...]]:
        """The client's bytes with `model` replaced, and the usage of a stream asked for where that must be asked.

        A Messages conversation that others took part in is mended: Anthropic refuses unsigned thoughts.
        """
        changes: dict[str, bytes | None] = {"model": orjson.dumps(model)}
        request, notes = self._original.request, tuple[str, ...]()
        if request.stream and not request.wants_usage:
            options = {**(request.body.get("stream_options") or {}), "include_usage": True}
            changes["stream_options"] = orjson.dumps(options)
        if foreign and self._original.dialect.name == "messages":
            body, notes = mended(request.body)
            changes |= {"messages": orjson.dumps(body["messages"])} if notes else {}
        left_out = sorted(rejects & request.body.keys())
        changes |= dict.fromkeys(left_out)
        return splice(request.raw, changes, request.body), (*notes, *(f"{name} left out" for name in left_out))

    def read(self, body: bytes, decoded: Mapping[str, Any] | None = None) -> ChatReply:
        """A whole reply, as the chat it amounts to."""
        reply = parsed(body) if decoded is None else decoded
        return read_reply(orjson.dumps(self._reader.whole(reply)) if isinstance(reply, dict) else body)

    def end(self) -> bytes:
        """[DONE] where the dialect has one and the upstream left it out."""
        return super().end() if self._original.dialect.name == "completions" else b""

    def _opening(self, event: bytes) -> bytes:
        self._opened = True  # no other dialect has roles in its pieces
        return event

    def fail(self, error: RouterError) -> bytes:
        """An error event of the dialect; what came before it went out as it came."""
        return self._original.dialect.error_event(error)

    def _renamed_event(self, event: bytes) -> bytes:
        """The name stands in the object itself, or in the message or response that an event brings."""
        decoded = parsed(data_of(event))
        for name in ("message", "response"):
            inner = decoded.get(name) if isinstance(decoded, dict) else None
            if isinstance(inner, dict) and "model" in inner and self._shown is not None:
                head, _, _ = event.partition(b"data:")
                renamed = {**decoded, name: {**inner, "model": orjson.Fragment(self._shown)}}
                return head + b"data: " + orjson.dumps(renamed) + b"\n\n"
        return super()._renamed_event(event) if isinstance(decoded, dict) and "model" in decoded else event


class NativeTap(ChatTap):
    """A chat tap over a reader of another dialect. Complete only when the dialect's own end has come."""

    def __init__(self, reader: NativeReader, *, gather: bool) -> None:
        super().__init__(gather=gather)
        self._reader = reader

    @property
    def complete(self) -> bool:
        """Whether the answer was finished, its end came, and no error."""
        return self._reader.ended and super().complete

    def feed(self, event: bytes) -> Seen:
        """Take note of one whole event and say what it was. Never raises."""
        data = data_of(event)
        if not data:
            return Seen.NOTHING
        if data.startswith(b"[DONE]"):
            self.done = True
            return Seen.DONE
        decoded = parsed(data)
        if not isinstance(decoded, dict):
            return Seen.ERROR
        error = error_of(decoded)
        chunks = [{"error": error}] if error is not None else self._reader.feed(decoded)
        self.first_token |= self._reader.begun
        return self._note_all(chunks)

    def _note_all(self, chunks: Any) -> Seen:
        seen = Seen.NOTHING
        for chunk in chunks:
            if chunk.get("error"):
                self.error = self.error or chunk["error"]
                return Seen.ERROR
            noted = self.note(chunk)
            seen = noted if seen in (Seen.NOTHING, noted) else Seen.DELTA
        return seen


def _choices(chunk: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The choices of a chunk that have a delta and a plain index."""
    choices = chunk.get("choices")
    found = [one for one in choices if isinstance(one, dict)] if isinstance(choices, list) else []
    return [one for one in found if isinstance(one.get("delta"), dict) and isinstance(one.get("index", 0), int)]


def usage_event(chunk: Mapping[str, Any], usage: Mapping[str, Any]) -> bytes:
    """The chunk that tells the usage alone, as the servers of a stream's `chunk` would have sent it."""
    head = {name: chunk[name] for name in ("id", "object", "created", "model") if name in chunk}
    return b"data: " + orjson.dumps({**head, "choices": [], "usage": usage}) + b"\n\n"


def way_of(request: ChatRequest, speaks: frozenset[str], *, gather: bool, shown: str | None) -> ChatWay:
    """How `request` goes to an upstream that speaks these dialects, and how its answer comes back."""
    original = request.original
    if original is None:
        return ChatWay(request, gather=gather, shown=shown)
    kind = NativeWay if original.dialect.name in speaks else TranslatedWay
    return kind(request, original, gather=gather, shown=shown)


def broken_off(request: ChatRequest, way: ChatWay | None, error: UpstreamError) -> bytes:
    """The end of a stream that has begun under our status and failed, in the words of its dialect.

    `way`: of the call whose bytes had gone out, None where none had.
    """
    shown = midway(error)
    if way is not None:
        return way.fail(shown)
    original = request.original
    return error_event(shown) if original is None else original.dialect.writer(original.request).fail(shown)
