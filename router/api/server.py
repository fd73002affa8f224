"""The HTTP server around the application: uvicorn, with what its defaults get wrong for a proxy set right."""

import asyncio
import gc
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn

from router.api.app import create_app
from router.api.sparing import Sparing
from router.api.wire import JoiningProtocol
from router.core.errors import Problem, SetupError
from router.runtime import Runtime

logger = logging.getLogger("smallfirst")

KEEP_ALIVE_S = 75
DRAIN_S = 30
BY_CLIENTS = ("uvicorn.error", "asyncio")  # they warn of malformed requests, and of writing to who has left


class Server:
    """Serves a runtime on one address until SIGTERM or SIGINT; SIGHUP reloads."""

    def __init__(self, runtime: Runtime, host: str, port: int, *, on_ready: Callable[[str], None]) -> None:
        self.runtime = runtime
        config = uvicorn.Config(
            create_app(runtime),
            host=host,
            port=port,
            http=JoiningProtocol,
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=DRAIN_S,
            lifespan="on",
        )
        self._server = _Announcing(config, self._ready)
        self._on_ready = on_ready
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop it serves on; there is none before it is ready."""
        if self._loop is None:
            raise RuntimeError("the server has not started")
        return self._loop

    def run(self) -> None:
        """Serve; returns after the last reply has drained. Raises SetupError when the port is taken."""
        _log_to_stderr()
        try:
            self._server.run()
        except SystemExit as left:  # how uvicorn ends when it cannot bind
            raise _unbound(f"{self._server.config.host}:{self._server.config.port}", left.__context__) from left

    def stop(self) -> None:
        """Ask it to stop, from any thread."""
        self._server.should_exit = True

    def _ready(self, where: str) -> None:
        self._loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            self._loop.add_signal_handler(signal.SIGHUP, self._reload)
        self.runtime.warm()
        self._on_ready(where)
        # What start-up made lives for good: a full collection should not walk it again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)

    def _reload(self) -> None:
        task = asyncio.ensure_future(self.runtime.reload())
        task.add_done_callback(_say_refused)


class _Announcing(uvicorn.Server):
    """uvicorn's server, which says where it listens once it does."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._ready = ready

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Drain and end with status 0: uvicorn would raise the signal again once it has drained, and end by it."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Bind, start the application, then announce the address that was really taken."""
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")


def _unbound(place: str, reason: BaseException | None) -> SetupError:
    errno = reason.errno if isinstance(reason, OSError) else None
    why = f": {os.strerror(errno).lower()}" if errno else ""
    remedy = "stop what listens there, or take another with --port"
    return SetupError([Problem("", None, "", f"cannot listen on {place}{why}", remedy)])


def _log_to_stderr() -> None:
    """Our own words, and the server's warnings, though not each of those that any client can cause; libraries keep
    theirs. That it cannot bind is told by us, once."""
    logging.getLogger("uvicorn.error").addFilter(lambda record: not isinstance(record.msg, OSError))
    for name in BY_CLIENTS:
        spared = logging.getLogger(name)
        if not any(isinstance(each, Sparing) for each in spared.filters):
            spared.addFilter(Sparing())
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logger.setLevel(logging.INFO)


def _say_refused(task: "asyncio.Task[None]") -> None:
    error = None if task.cancelled() else task.exception()  # a stop cancels it
    if isinstance(error, SetupError):
        logger.error("the reload was refused, the last good configuration stays:\n%s", error)
    elif error is not None:
        logger.error("the reload broke", exc_info=error)
