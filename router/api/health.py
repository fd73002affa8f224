"""Alive, ready, and the numbers: `/healthz`, `/readyz`, `/metrics`."""

import asyncio

import orjson
from starlette.requests import Request
from starlette.responses import Response

from router.api.auth import guard_open_mode
from router.api.chat import headers_of
from router.core.breaker import State
from router.observers.telemetry import CONTENT_TYPE
from router.runtime import Runtime

REFUSED = "The changed configuration was refused, the last good one stays. The log and `smallfirst check` say why."
"""No more: nobody needs a key here, and the words name files and what stands in them."""


async def healthz(request: Request) -> Response:
    """200 while the process can answer at all."""
    return _json({"status": "ok"})


async def readyz(request: Request) -> Response:
    """200 if the store writes and at least one upstream is ready, else 503. Asks no upstream, so it costs nothing."""
    runtime = _runtime(request)
    ready, phases = runtime.ready()
    body: dict[str, object] = {
        "status": "ready" if ready else "not ready",
        "upstreams": phases,
        "config": runtime.config.digest,
    }
    body["abilities"] = runtime.abilities()
    shut = {name: s for name, s in runtime.statuses().items() if s.state is not State.CLOSED}
    if shut:
        body["breakers"] = {
            name: {"state": s.state, "why": s.why, "tried_again_in_s": s.left_s} for name, s in shut.items()
        }
    if not runtime.store.state.ready:
        body["store"] = runtime.store.state.detail
    if runtime.pause.keys:
        body["paused"] = runtime.pause.whose
    if runtime.last_refusal:
        body["refused_config"] = REFUSED
    return _json(body, 200 if ready else 503)


async def metrics(request: Request) -> Response:
    """Prometheus' text, made off the event loop: it takes milliseconds."""
    runtime = _runtime(request)
    if not runtime.config.telemetry.metrics:
        return _json({"error": {"message": "metrics are off: set `telemetry: {metrics: true}`"}}, 404)
    return Response(await asyncio.to_thread(runtime.telemetry.text), media_type=CONTENT_TYPE)


def _runtime(request: Request) -> Runtime:
    """What is told about: without a key, but in the open mode to no page that took our name (DNS rebinding)."""
    runtime: Runtime = request.app.state.runtime
    if runtime.config.auth == "open":
        guard_open_mode(headers_of(request.scope), has_body=False)
    return runtime


def _json(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
