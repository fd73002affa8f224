"""Kind `recorded`: plays back answers that were once given, in OpenAI's shape, and never invents one."""

import asyncio
import gzip
import time
import zlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from router.core.errors import NotReady, SetupError
from router.core.recording import Recording, recording_key
from router.core.upstream import Call, OpenStream, Reply, UpstreamSpec, UpstreamState
from router.upstreams import problem

REMEDY = "name a .jsonl or .jsonl.gz file of lines {request, response}, or builtin"


class Recorded:
    """An answer sheet. `recordings` by key; without it they are read from the file `recording` names.

    The option `delay_ms` lets it take its time, as a real model would. Raises SetupError when the
    file cannot be read.
    """

    def __init__(
        self,
        spec: UpstreamSpec,
        recordings: Mapping[str, Recording] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.spec = spec
        self._recordings = read_recordings(spec) if recordings is None else recordings
        self._now = now
        self._delay_s = float(spec.options.get("delay_ms", 0)) / 1000

    async def send(self, call: Call) -> Reply:
        """The recorded answer, whole. Raises NotReady `not_recorded` for a question it does not hold."""
        key, recording = self._find(call)
        await self._wait()
        choice = {"index": 0, "message": recording.message, "logprobs": None, "finish_reason": recording.finish_reason}
        body = self._frame(key, "chat.completion", [choice]) | {"usage": recording.usage}
        return Reply(200, orjson.dumps(body))

    async def stream(self, call: Call) -> OpenStream:
        """The recorded answer, word by word. Raises NotReady `not_recorded` before anything is streamed."""
        key, recording = self._find(call)
        await self._wait()
        with_usage = bool((call.request.get("stream_options") or {}).get("include_usage"))
        chunks = self._play(key, recording, with_usage)
        return OpenStream(200, chunks, chunks.aclose)

    async def state(self) -> UpstreamState:
        """Always ready: it is a table."""
        detail = f"a recording of {len(self._recordings):,} answers, not a model"
        return UpstreamState("ready", self.spec.context, self.spec.slots, detail)

    async def aclose(self) -> None:
        """Nothing to let go of."""

    def _find(self, call: Call) -> tuple[str, Recording]:
        key = recording_key(call.request)
        recording = self._recordings.get(key)
        if recording is None:
            raise NotReady(
                f"upstream {self.spec.name!r} is a recording and does not hold this question; "
                "it never invents an answer. Add a real model: smallfirst init",
                upstream=self.spec.name,
                code="not_recorded",
                headers={"x-should-retry": "false"},
            )
        return key, recording

    async def _wait(self) -> None:
        if self._delay_s:
            await asyncio.sleep(self._delay_s)

    async def _play(self, key: str, recording: Recording, with_usage: bool) -> AsyncGenerator[bytes, None]:
        for delta in _deltas(recording.message):
            yield self._event(key, [{"index": 0, "delta": delta, "finish_reason": None}])
        yield self._event(key, [{"index": 0, "delta": {}, "finish_reason": recording.finish_reason}])
        if with_usage:
            yield self._event(key, [], usage=recording.usage)
        yield b"data: [DONE]\n\n"

    def _event(self, key: str, choices: Sequence[Any], **more: Any) -> bytes:
        return b"data: " + orjson.dumps(self._frame(key, "chat.completion.chunk", choices) | more) + b"\n\n"

    def _frame(self, key: str, kind: str, choices: Sequence[Any]) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-{key[:24]}",
            "object": kind,
            "created": int(self._now()),
            "model": self.spec.model,
            "choices": choices,
        }


def read_recordings(spec: UpstreamSpec) -> dict[str, Recording]:
    """The recordings of the file that the option `recording` names, by key.

    A line is `{"key" or "request", "response": {"message", "finish_reason", "usage"}}`; the last one
    for a key stands. Raises SetupError with the line that cannot be read.
    """
    path = Path(str(spec.options.get("recording", "")))
    try:
        raw = path.read_bytes()
        lines = (gzip.decompress(raw) if path.suffix == ".gz" else raw).splitlines()
    except (OSError, EOFError, zlib.error) as error:
        what = f"cannot read {path}: {getattr(error, 'strerror', None) or error}"
        raise SetupError([problem(spec, "recording", what, REMEDY)]) from error
    return dict(_read_line(spec, number, line) for number, line in enumerate(lines, 1) if line.strip())


def _read_line(spec: UpstreamSpec, number: int, text: bytes) -> tuple[str, Recording]:
    try:
        line = orjson.loads(text)
        response = line["response"]
        key = line["key"] if "key" in line else recording_key(line["request"])
        return key, Recording(response["message"], response.get("finish_reason", "stop"), response.get("usage") or {})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"line {number} of {spec.options['recording']} is not a recording ({error})"
        raise SetupError([problem(spec, "recording", what, REMEDY)]) from error


def _deltas(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The message as a server streams it: the role, the content word by word, each tool call, the rest."""
    content = message.get("content")
    rest = {name: value for name, value in message.items() if name not in ("role", "content", "tool_calls")}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": "" if content else None, **rest}]
    deltas += [{"content": word} for word in _words(content or "")]
    deltas += [{"tool_calls": [{"index": n, **call}]} for n, call in enumerate(message.get("tool_calls") or ())]
    return deltas


def _words(text: str) -> list[str]:
    """The words with the space before each, so that they add up to the text."""
    first, *others = text.split(" ")
    return [word for word in (first, *(f" {other}" for other in others)) if word]
