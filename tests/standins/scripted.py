"""An upstream that says what it is told to, over real HTTP on a loopback port.

upstream.says("42")                          from now on, streamed or not as the request asks
upstream.fails(500).then.says("42")          once, then for good; the last act repeats
upstream.requests[-1].body                   what came, byte for byte
upstream.slow("a", "b"); upstream.release()  one chunk for each release, no sleeping
await upstream.hangups.happened()            a client left while it waited or read
"""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Self, TypeVar

from tests.standins.acts import Act, Completion, Received, completion_act, event, json_act, stream_act
from tests.standins.moment import PATIENCE_S, Moment

Script = Callable[[Received], Act]
T = TypeVar("T")


class ScriptedUpstream:
    """Serves in a thread of its own, so synchronous and asynchronous tests use it alike.

    `health`, `models` and `props` answer the probes, which are kept apart in `probes`; `pages` holds any other
    page that a server of some make has, by path.
    """

    def __init__(self, model: str = "scripted") -> None:
        self.requests: list[Received] = []
        self.probes: list[Received] = []
        self.asked = Moment("requests")
        self.hangups = Moment("hang-ups")
        self.connections = Moment("connections")
        self.health: Act = json_act({"status": "ok"})
        self.models: Act = json_act({"object": "list", "data": [{"id": model, "object": "model"}]})
        self.props: Act = json_act({"error": {"message": "no such page"}}, 404)
        self.pages: dict[str, Act] = {}
        self.port = 0
        self._script: list[Script] = []
        self._appending = False
        self._loop = asyncio.new_event_loop()
        self._releases = asyncio.Semaphore(0)
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="scripted-upstream", daemon=True)
        self._thread.start()
        self.up()
        self.says("ok")

    @property
    def url(self) -> str:
        """What stands as `url` in a config."""
        return f"http://127.0.0.1:{self.port}/v1"

    # What it does

    @property
    def then(self) -> Self:
        """The next act is added after the ones before, each played once; the last one repeats."""
        self._appending = True
        return self

    def says(self, text: str, **more: Any) -> Self:
        """Answers with `text`, word by word when streamed. `more`: the fields of `Completion`."""
        words = text.split(" ")
        deltas = [words[0], *(f" {word}" for word in words[1:])] if text else []
        return self.completes(Completion(deltas, **more))

    def streams(self, deltas: Sequence[str], **more: Any) -> Self:
        """Answers with just these pieces of content."""
        return self.completes(Completion(deltas, **more))

    def calls(self, name: str, arguments: Mapping[str, Any] | str, call_id: str = "call_1") -> Self:
        """Answers with one tool call; `arguments` as a string go out byte for byte."""
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        call = {"id": call_id, "type": "function", "function": {"name": name, "arguments": text}}
        return self.completes(Completion([], "tool_calls", tool_calls=[call]))

    def completes(self, completion: Completion) -> Self:
        """Answers with a completion, whole or streamed as the request asks."""
        return self.does(lambda request: completion_act(request, completion))

    def answers(self, text_for: Callable[[Received], str]) -> Self:
        """Answers each request with the text computed from it."""
        return self.does(lambda request: completion_act(request, Completion([text_for(request)])))

    def slow(self, *deltas: str) -> Self:
        """Streams or sends the answer one piece for each `release()`."""
        return self.does(lambda request: completion_act(request, Completion(deltas), paced=True))

    def fails(self, status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> Self:
        """Answers with a status and a JSON body (or bytes), OpenAI's error shape when none is given."""
        body = {"error": {"message": "scripted failure", "type": "scripted", "code": None}} if body is None else body
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.does(lambda _: Act([raw], status, headers=headers or {}))

    def errs_in_band(self, message: str = "CUDA out of memory", code: str | int | None = None) -> Self:
        """Says 200 and puts the error into the JSON body, or into the first event of a stream."""
        error = {"error": {"message": message, "type": "server_error", "code": code}}
        return self.does(
            lambda request: stream_act([event(error), event("[DONE]")]) if request.wants_stream else json_act(error)
        )

    def hangs(self) -> Self:
        """Reads the request and says nothing until the client leaves."""
        return self.does(lambda _: Act(head=False, end="hang"))

    def drops(self) -> Self:
        """Reads the request and closes the connection without a byte."""
        return self.does(lambda _: Act(head=False, end="cut"))

    def cuts(self, after: int = 1, text: str = "one two three") -> Self:
        """Breaks the connection after `after` events of a stream, or `after` bytes of a whole body."""

        def act(request: Received) -> Act:
            whole = completion_act(request, Completion(text.split()))
            if request.wants_stream:
                return stream_act(whole.pieces[:after], end="cut")
            return Act([whole.pieces[0][:after]], end="cut")

        return self.does(act)

    def stalls(self, after: int = 1, text: str = "one two three") -> Self:
        """Streams `after` events, then says nothing more until the client leaves."""
        return self.does(
            lambda request: stream_act(completion_act(request, Completion(text.split())).pieces[:after], end="hang")
        )

    def garbage(self) -> Self:
        """Says 200 and JSON, and sends none."""
        return self.sends(b'\x00\xff{"choices": [')

    def html(self) -> Self:
        """Says 200 with a web page, as captive portals and proxies do."""
        return self.sends(b"<!doctype html><title>Sign in</title>", content_type="text/html")

    def empty(self) -> Self:
        """Says 200 and nothing."""
        return self.sends()

    def redirects(self, location: str) -> Self:
        """Says 302."""
        return self.does(lambda _: Act(status=302, headers={"location": location}))

    def sends(self, *pieces: bytes, content_type: str = "application/json", **more: Any) -> Self:
        """Sends exactly these bytes. `more`: the fields of `Act`."""
        return self.does(lambda _: Act(pieces, content_type=content_type, **more))

    def does(self, script: Script) -> Self:
        """Plays any act computed from the request."""
        if self._appending:
            self._script = [*self._script, script]
        else:
            self._script = [script]
        self._appending = False
        return self

    def release(self, pieces: int = 1) -> None:
        """Let `slow` send that many more pieces."""
        for _ in range(pieces):
            self._loop.call_soon_threadsafe(self._releases.release)

    # Whether it is there

    def up(self) -> None:
        """Listen, on the same port as before."""
        self._server = self._run(self._listen())
        self.port = self._server.sockets[0].getsockname()[1]

    def down(self) -> None:
        """Stop listening and break every open connection."""
        self._run(self._let_go())

    def close(self) -> None:
        """Stop for good."""
        self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._connected, "127.0.0.1", self.port, limit=2**26)

    async def _let_go(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in tuple(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await asyncio.sleep(0)  # a connection that was closed in this turn lets go of its socket in the next

    # What goes over the wire

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self.connections.happen()
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._open.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        early = b""
        while request := await _read_request(reader, early):
            act = self._act_for(request)
            playing = asyncio.ensure_future(self._play(act, writer))
            early = await self._while_listening(playing, reader)
            if act.end != "finish" or playing.cancelled():
                writer.transport.abort()
                return

    async def _while_listening(self, playing: asyncio.Future[None], reader: asyncio.StreamReader) -> bytes:
        listening = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait((playing, listening), return_when=asyncio.FIRST_COMPLETED)
            if not playing.done():
                playing.cancel()
                await asyncio.wait((playing,))
                self.hangups.happen()
                return b""
            playing.result()
            return listening.result() if listening.done() else b""
        finally:
            playing.cancel()
            listening.cancel()
            await asyncio.gather(playing, listening, return_exceptions=True)

    async def _play(self, act: Act, writer: asyncio.StreamWriter) -> None:
        if act.head:
            writer.write(act.head_bytes())
        for piece in act.pieces:
            if act.paced:
                await self._releases.acquire()
            writer.write(act.framed(piece))
            await writer.drain()
        if act.end == "hang":
            await asyncio.Event().wait()
        if act.end == "finish":
            writer.write(act.last_bytes)
        await writer.drain()

    def _act_for(self, request: Received) -> Act:
        if request.method == "GET":
            self.probes.append(request)
            pages = {"/health": self.health, "/v1/models": self.models, "/props": self.props, **self.pages}
            return pages.get(request.path, json_act({"error": {"message": "no such page"}}, 404))
        self.requests.append(request)
        self.asked.happen()
        script = self._script[0]
        self._script = self._script[1:] or self._script
        return script(request)


async def _read_request(reader: asyncio.StreamReader, early: bytes) -> Received | None:
    try:
        head = early + await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        return Received(method, target, headers, head, await _read_chunks(reader))
    return Received(method, target, headers, head, await reader.readexactly(int(headers.get("content-length", 0))))


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body
