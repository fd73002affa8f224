"""What a stand-in does with one request: bytes, framing, pace and ending, and the OpenAI shapes they carry."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

USAGE: Mapping[str, int] = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came: `head` and `body` byte for byte, header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    head: bytes
    body: bytes

    @property
    def path(self) -> str:
        """The path without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters."""
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def json(self) -> Any:
        """The body parsed; None when there is none."""
        return json.loads(self.body) if self.body else None

    @property
    def text(self) -> str:
        """The last message's content, empty when it is not a plain string."""
        content = self.json["messages"][-1]["content"]
        return content if isinstance(content, str) else ""

    @property
    def wants_stream(self) -> bool:
        """Whether the body says `stream: true`."""
        return bool(self.body) and bool(self.json.get("stream"))


@dataclass(frozen=True, slots=True)
class Act:
    """One answer. `head=False` sends no status line; `paced` waits for a `release()` before every piece.

    `end`: `finish` properly, `hang` until the client goes, `cut` the connection.
    """

    pieces: Sequence[bytes] = ()
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    framing: Literal["length", "chunked"] = "length"
    head: bool = True
    paced: bool = False
    end: Literal["finish", "hang", "cut"] = "finish"

    def head_bytes(self) -> bytes:
        """Status line and headers."""
        length = "transfer-encoding: chunked" if self.framing == "chunked" else f"content-length: {self._length}"
        lines = [f"HTTP/1.1 {self.status} Scripted", f"content-type: {self.content_type}", length]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def framed(self, piece: bytes) -> bytes:
        """A piece as it goes over the wire."""
        return b"%x\r\n%s\r\n" % (len(piece), piece) if self.framing == "chunked" else piece

    @property
    def last_bytes(self) -> bytes:
        """What ends the body properly."""
        return b"0\r\n\r\n" if self.framing == "chunked" else b""

    @property
    def _length(self) -> int:
        sent = sum(map(len, self.pieces))
        return sent if self.end == "finish" else sent + 1000


def json_act(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Act:
    """A whole JSON answer."""
    return Act([json.dumps(value).encode()], status, headers=headers or {})


def event(value: Any) -> bytes:
    """One server-sent event: a JSON value, or a bare word such as `[DONE]`."""
    text = value if isinstance(value, str) else json.dumps(value)
    return f"data: {text}\n\n".encode()


@dataclass(frozen=True, slots=True)
class Completion:
    """A chat completion in OpenAI's shape, whole or as chunks. `deltas`: the content, piece by piece."""

    deltas: Sequence[str]
    finish_reason: str = "stop"
    usage: Mapping[str, Any] | None = field(default_factory=lambda: dict(USAGE))
    tool_calls: Sequence[Mapping[str, Any]] = ()
    logprobs: Mapping[str, Any] | None = None
    thought: str = ""

    def whole(self, request: Received) -> dict[str, Any]:
        """The non-streamed body."""
        message: dict[str, Any] = {"role": "assistant", "content": "".join(self.deltas) or None}
        if self.thought:
            message["reasoning_content"] = self.thought
        if self.tool_calls:
            message["tool_calls"] = [dict(call) for call in self.tool_calls]
        choice = {"index": 0, "message": message, "logprobs": self.logprobs, "finish_reason": self.finish_reason}
        return self._frame(request, "chat.completion", [choice]) | {"usage": self.usage}

    def chunks(self, request: Received) -> list[bytes]:
        """The streamed events: role, content, tool calls, finish, usage when asked, `[DONE]`."""
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        deltas += [{"reasoning_content": self.thought}] if self.thought else []
        deltas += [{"content": delta} for delta in self.deltas]
        deltas += [{"tool_calls": [{"index": n, **call}]} for n, call in enumerate(self.tool_calls)]
        pieces = [self._delta(request, delta) for delta in deltas]
        pieces.append(self._delta(request, {}, self.finish_reason))
        if (request.json.get("stream_options") or {}).get("include_usage") and self.usage is not None:
            pieces.append(event(self._frame(request, "chat.completion.chunk", []) | {"usage": self.usage}))
        return [*pieces, event("[DONE]")]

    def _delta(self, request: Received, delta: Mapping[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        if self.logprobs and delta.get("content"):
            choice["logprobs"] = self.logprobs
        return event(self._frame(request, "chat.completion.chunk", [choice]))

    def _frame(self, request: Received, kind: str, choices: list[Any]) -> dict[str, Any]:
        model = request.json.get("model", "")
        return {"id": "chatcmpl-standin", "object": kind, "created": 1, "model": model, "choices": choices}


def completion_act(request: Received, completion: Completion, *, paced: bool = False) -> Act:
    """A completion, whole or streamed as the request asks."""
    if request.wants_stream:
        return stream_act(completion.chunks(request), paced=paced)
    return Act([json.dumps(completion.whole(request)).encode()], paced=paced)


def stream_act(pieces: Sequence[bytes], **more: Any) -> Act:
    """Server-sent events, each its own piece. `more`: the fields of `Act`."""
    return Act(pieces, content_type="text/event-stream", framing="chunked", **more)
