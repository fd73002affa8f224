"""A stand-in that speaks Ollama's native API as its documentation has it, over real HTTP.

server.has("qwen3:4b", capabilities=["completion", "tools"], longest=40960)     a pulled model
server.says("42"); server.says("", calls=[("get_time", {"zone": "UTC"})])        what the model answers
server.holds_loads(); …; server.release()                                         a load takes until it is released
server.loads.count, server.resident                                               what happened inside
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from tests.standins.acts import Act, Received, json_act
from tests.standins.moment import Moment
from tests.standins.scripted import ScriptedUpstream

DEFAULT_WINDOW = 4096
TOO_LONG = (
    "the prompt is longer than the context length currently available to the model; shorten the prompt, "
    "adjust the context length in settings, or use a model with a longer context length"
)
STAMP = "2026-09-17T15:42:59.7420965Z"


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model on the server's disk. `remote_host`: where a cloud model is run."""

    capabilities: Sequence[str] = ("completion",)
    longest: int = 40960
    size: int = 2_000_000_000
    parameters: str = ""
    remote_host: str = ""


@dataclass(frozen=True, slots=True)
class Saying:
    """What the model answers: pieces of text, thinking before them, tool calls after them."""

    pieces: Sequence[str] = ("ok",)
    thinking: str = ""
    calls: Sequence[tuple[str, Mapping[str, Any]]] = ()
    done_reason: str = "stop"
    logprobs: Sequence[Mapping[str, Any]] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


class OllamaServer(ScriptedUpstream):
    """One token is one word here. `chats` holds the chat requests, `resident` the window of each loaded model."""

    def __init__(self, *names: str) -> None:
        self.pulled: dict[str, Pulled] = {}
        self.resident: dict[str, int] = {}
        self.loads = Moment("loads")
        self.loading = Moment("loads begun")
        self.saying = Saying()
        self.failure: Act | None = None
        self._held = False
        super().__init__()
        for name in names:
            self.has(name)

    @property
    def url(self) -> str:
        """What stands as `url` in a config."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def chats(self) -> list[dict[str, Any]]:
        """The bodies of the chats that asked something."""
        return [request.json for request in self.requests]

    def has(self, name: str, **more: Any) -> Self:
        """A model that was pulled."""
        self.pulled[name] = Pulled(**more)
        return self

    def says(self, text: str, **more: Any) -> Self:
        """Answers with `text`, word by word when streamed. `more`: the fields of `Saying`."""
        words = text.split(" ")
        pieces = [words[0], *(f" {word}" for word in words[1:])] if text else []
        self.saying = Saying(pieces, **more)
        return self

    def holds_loads(self) -> Self:
        """A load takes until `release()`."""
        self._held = True
        return self

    def errs(self, status: int, words: object) -> Self:
        """Every chat is answered with this error."""
        self.failure = json_act({"error": words}, status)
        return self

    def _act_for(self, request: Received) -> Act:
        body = request.json or {}
        if request.method == "GET" or request.path == "/api/show":
            self.probes.append(request)
            return self._page(request.path, str(body.get("model", "")))
        if request.path != "/api/chat":
            return json_act({"error": "404 page not found"}, 404)
        name = body["model"]
        if name not in self.pulled:
            return json_act({"error": f"model '{name}' not found"}, 404)
        return self._answer(request, body, name) if body["messages"] else self._load(body, name)

    def _page(self, path: str, name: str) -> Act:
        if path == "/api/version":
            return json_act({"version": "0.34.0"})
        if path == "/api/tags":
            return json_act({"models": [self._row(name) for name in self.pulled]})
        if path == "/api/ps":
            rows = [self._row(name) | {"context_length": window} for name, window in self.resident.items()]
            return json_act({"models": rows})
        model = self.pulled.get(name)
        if path != "/api/show" or model is None:
            return json_act({"error": f"model '{name}' not found"}, 404)
        info = {"general.architecture": "qwen3", "qwen3.context_length": model.longest}
        page: dict[str, Any] = {"model_info": info, "capabilities": list(model.capabilities)}
        page |= {"parameters": model.parameters} if model.parameters else {}
        return json_act(page | ({"remote_host": model.remote_host} if model.remote_host else {}))

    def _row(self, name: str) -> dict[str, Any]:
        return {"name": name, "model": name, "size": self.pulled[name].size, "digest": "0" * 64}

    def _load(self, body: Mapping[str, Any], name: str) -> Act:
        self.loading.happen()
        said = {"model": name, "created_at": STAMP, "message": {"role": "assistant", "content": ""}}
        piece = json.dumps(said | {"done": True, "done_reason": "load"}).encode()
        self._make_resident(body, name)
        self.loads.happen()
        return Act([piece], paced=self._held)

    def _make_resident(self, body: Mapping[str, Any], name: str) -> int:
        asked = (body.get("options") or {}).get("num_ctx")
        window = min(asked or self.resident.get(name, DEFAULT_WINDOW), self.pulled[name].longest)
        self.resident[name] = window
        return window

    def _answer(self, request: Received, body: Mapping[str, Any], name: str) -> Act:
        self.requests.append(request)
        self.asked.happen()
        if self.failure is not None:
            return self.failure
        window = self._make_resident(body, name)
        tokens = sum(len(str(message.get("content", "")).split()) + 1 for message in body["messages"])
        if tokens >= window:
            if body.get("truncate") is False and body.get("shift") is False:
                return json_act({"error": TOO_LONG}, 400)
            tokens = window // 2  # the front of the prompt is gone, and nothing says so
        return self._said(name, tokens, stream=bool(body.get("stream", True)))

    def _said(self, name: str, tokens: int, *, stream: bool) -> Act:
        saying = self.saying
        head = {"model": name, "created_at": STAMP}
        calls = [{"function": {"name": tool, "arguments": dict(given)}} for tool, given in saying.calls]
        counts = {"prompt_eval_count": tokens, "eval_count": len(saying.pieces), "eval_duration": 10**9}
        last = head | {"done": True, "done_reason": saying.done_reason} | counts | dict(saying.more)
        if not stream:
            message: dict[str, Any] = {
                "role": "assistant",
                "content": "".join(saying.pieces),
                "thinking": saying.thinking,
            }
            message |= {"tool_calls": calls} if calls else {}
            whole = last | {"message": message} | ({"logprobs": list(saying.logprobs)} if saying.logprobs else {})
            return json_act(whole)
        messages: list[dict[str, Any]] = [{"content": "", "thinking": saying.thinking}] if saying.thinking else []
        messages += [{"content": piece} for piece in saying.pieces]
        messages += [{"content": "", "tool_calls": calls}] if calls else []
        lines: list[dict[str, Any]] = [
            head | {"message": {"role": "assistant"} | message, "done": False} for message in messages
        ]
        for line, entry in zip([one for one in lines if one["message"].get("content")], saying.logprobs, strict=False):
            line["logprobs"] = [entry]
        lines.append(last | {"message": {"role": "assistant", "content": ""}})
        pieces = [json.dumps(line).encode() + b"\n" for line in lines]
        return Act(pieces, content_type="application/x-ndjson", framing="chunked")
