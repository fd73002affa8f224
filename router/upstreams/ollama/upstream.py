"""The upstream of kind `ollama`: loads models by calls of their own, sets their window, lets no prompt be cut."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import aiohttp
import orjson
from msgspec import structs

from router.core.errors import NotReady, UpstreamError, UpstreamFailed, UpstreamRefused
from router.core.upstream import Call, OpenStream, Phase, Reply, UpstreamSpec, UpstreamState
from router.upstreams.loading import Loading
from router.upstreams.ollama.chunks import Chunks
from router.upstreams.ollama.probe import Model, Pages, ServerSaid
from router.upstreams.ollama.reply import EventWriter, Frame, error_object, whole
from router.upstreams.ollama.request import load_order, native
from router.upstreams.ollama.served import Served
from router.upstreams.openai_compatible import OpenAICompatible

PROBE_S = 1.0


class Ollama:
    """Speaks `/api/chat`, and takes and gives OpenAI's shape.

    A model that is not resident is loaded by an order of its own, which no client that leaves can
    end (an aborted chat would abort the load); a call waits for it `load_wait_s`, or `load_s` when
    it is patient. `num_ctx` is the configured window, else the one that the server loaded: read once
    and then said with every request, so that nobody's request changes it. Options: `keep_alive`,
    `think`. A model that a cloud runs is never asked by a `local: true` upstream.
    """

    def __init__(self, spec: UpstreamSpec, now: Callable[[], float] = time.time) -> None:
        self.spec = spec
        self._placed = replace(spec, url=spec.url.rstrip("/").removesuffix("/v1"))
        self._http = OpenAICompatible(self._placed)
        self._now = now
        self._loading = Loading(spec, self._load)
        self._served = Served(spec)

    async def send(self, call: Call) -> Reply:
        """The whole answer. Raises UpstreamError; `context_length_exceeded` for a prompt that does not fit."""
        order = await self._order(call)
        try:
            reply = await self._http.send(order)
        except UpstreamError as error:
            raise self._translated(error) from error
        said = orjson.loads(reply.body)
        self._look(said)
        self._served.seen()
        return structs.replace(
            reply, body=whole(self._frame(call), said), content_type="application/json", decoded=None
        )

    async def stream(self, call: Call) -> OpenStream:
        """An open stream of chat chunks. Raises UpstreamError until it is open."""
        order = await self._order(call)
        try:
            opened = await self._http.stream(order)
        except UpstreamError as error:
            raise self._translated(error) from error
        self._served.seen()
        chunks = Chunks(opened, EventWriter(self._frame(call)), self._look, self._no_line)
        return structs.replace(opened, chunks=chunks, content_type="text/event-stream")

    async def state(self) -> UpstreamState:
        """What server and model are doing, within a second. Never raises for a dead server."""
        try:
            async with asyncio.timeout(PROBE_S):
                phase, detail = self._phase(await self._served.looked(self._pages(), fresh=True))
        except TimeoutError:
            phase, detail = "busy", f"no answer to a probe within {PROBE_S:g} s"
        except aiohttp.ClientConnectorError:
            phase, detail = "absent", "nothing listens there"
        except ServerSaid as error:
            phase, detail = "failing", str(error)
        except (aiohttp.ClientError, OSError) as error:
            phase, detail = "failing", type(error).__name__
        self._loading.size = self._served.size
        return self._served.state(phase, detail, self._loading)

    async def aclose(self) -> None:
        """End a load and close every connection."""
        await self._loading.aclose()
        await self._http.aclose()

    def _phase(self, model: Model) -> tuple[Phase, str]:
        name = self.spec.model
        if self._served.abroad:
            return "failing", f"{name!r} is run by {self._served.abroad}, so it is not local"
        if not model.there:
            return "absent", f"the server has no model {name!r}; ollama pull {name}"
        if self._loading.running:
            return "loading", "a load is under way"
        return "ready", "" if model.resident else "not in memory; the first request loads it"

    async def _order(self, call: Call) -> Call:
        """The native call, once the model is at home and resident."""
        body = orjson.loads(call.body)
        model = await self._looked()
        if not model.resident or self._loading.running:
            budgets = self.spec.timeouts
            await self._loading.wait(budgets.load_s if call.patient else min(budgets.load_wait_s, budgets.load_s))
        return structs.replace(call, body=native(self.spec.name, body, self._served.options), path="/api/chat")

    async def _looked(self) -> Model:
        """The model, which is there and where it should be. Raises UpstreamFailed else, and for a dead server."""
        try:
            async with asyncio.timeout(self.spec.timeouts.connect_s + PROBE_S):
                model = await self._served.looked(self._pages())
        except ServerSaid as error:
            raise self._failed(str(error), "upstream_failed", error.status) from error
        except TimeoutError as error:
            raise self._failed("said nothing of its model in time", "disconnected") from error
        except (aiohttp.ClientError, OSError) as error:
            raise self._failed("cannot be reached; is it running?", "unreachable") from error
        if self._served.abroad:
            raise self._not_home(self._served.abroad)
        if not model.there:
            raise self._failed(f"has no model {self.spec.model!r}; ollama pull {self.spec.model}", "no_model", 404)
        return model

    async def _load(self) -> None:
        """Have the server load the model, and read the window it got."""
        patient = replace(self.spec.timeouts, total_s=self.spec.timeouts.load_s)
        http = OpenAICompatible(replace(self._placed, timeouts=patient))
        self._loading.size = self._served.size
        try:
            await http.send(Call("load", load_order(self._served.options), {}, "/api/chat"))
        except UpstreamError as error:
            raise self._translated(error) from error
        finally:
            await http.aclose()
        await self._served.looked(self._pages(), fresh=True)

    def _look(self, said: Any) -> None:
        """An answer that a cloud gave to a local upstream is none: the model was exchanged under us."""
        host = said.get("remote_host") if isinstance(said, dict) else None
        if host and self.spec.local:
            self._served.forget()
            raise self._not_home(str(host))

    def _not_home(self, where: str) -> UpstreamFailed:
        return self._failed(f"is said to be local, and its model is run by {where}", "not_local")

    def _no_line(self, words: str) -> UpstreamFailed:
        return self._failed(f"sent a line that is not JSON: {words}", "invalid_answer", 200)

    def _frame(self, call: Call) -> Frame:
        return Frame(f"chatcmpl-{call.attempt}", self.spec.model, int(self._now()))

    def _pages(self) -> Pages:
        base, session, headers = self._http.connected()
        return Pages(base, session, headers, self.spec.query)

    def _translated(self, error: UpstreamError) -> UpstreamError:
        """Its refusal in OpenAI's shape; a full queue is NotReady, anything else stays as it was."""
        try:
            refusal = error_object(orjson.loads(error.body or b"{}"))
        except orjson.JSONDecodeError:
            return error
        given: dict[str, Any] = {"upstream": error.upstream, "headers": error.headers}
        body, name = orjson.dumps({"error": refusal}), self.spec.name
        if refusal["code"] and error.upstream_status is not None:
            message = f"upstream {name!r} answered {error.upstream_status}: {refusal['message']}"
            return UpstreamRefused(message, code=refusal["code"], body=body, upstream_status=400, **given)
        if error.upstream_status == 503 and "busy" in refusal["message"]:
            full = f"upstream {name!r} is full: its queue takes no more"
            return NotReady(full, code="full", upstream_status=503, **given)
        if isinstance(error, UpstreamRefused) and error.body:
            status = error.upstream_status
            return UpstreamRefused(error.message, code=error.code, body=body, upstream_status=status, **given)
        return error

    def _failed(self, what: str, code: str, status: int | None = None) -> UpstreamFailed:
        name = self.spec.name
        return UpstreamFailed(f"upstream {name!r} {what}", upstream=name, upstream_status=status, code=code)
