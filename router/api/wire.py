"""A client's connection: what it may hold, how long it may keep silent, and that no answer is taken for another."""

import asyncio
import fcntl
import json
import struct
import termios
from collections.abc import Callable
from contextlib import suppress
from itertools import chain
from typing import cast

from starlette.types import Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from router.api.joined import Joined
from router.api.offer import END, without_offer
from router.api.sink import GONE, LINES, REPLY, WHOLE

HEADER_BYTES = 32 * 1024
HEADER_S = 10.0
MAX_PIPELINED = 100  # requests that wait for the one before them; each takes some 12 KB
STALL_S = 120.0  # in which a client takes nothing of its answer; one that reads a kilobyte a second takes some
LINGER_S = 2.0  # for the rest of a body that was answered before its end: to close at once would take the answer back
TOO_LARGE = f"The headers are over {HEADER_BYTES >> 10} KB. Send less."
TOO_SLOW = "The headers did not arrive within {:.0f} s. Send them faster."
MALFORMED = "Malformed HTTP request. Look at its first line, its headers and its length."


class JoiningProtocol(HttpToolsProtocol):
    """uvicorn's protocol over such a connection, with an end to what a request may hold beside its body and how long
    it takes.

    What it refuses itself it says as the API does, in an OpenAI error. Behind requests that are still to be answered
    nothing is said: it would be taken for their answer.
    """

    header_s = HEADER_S
    stall_s = STALL_S

    _head_bytes = -1  # of a head not yet whole; -1 outside one
    _heads = 0  # that began in the bytes just read
    _unended = False  # whether a request has begun and not come to its end
    _fed = False  # whether the bytes just read held any of a body
    _idle_bytes = 0  # read since the last byte of a body: trailers, and what stands between chunks
    _lingering: asyncio.TimerHandle | None = None
    _held = b""  # of a head: what may turn out an offer to go on in another protocol
    _deaf = False  # whether the last answer that is due is the last thing said here
    _oversize = False
    _patience: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None
    _untaken = -1  # bytes of an answer that the client had not taken when it was looked at
    _left: Callable[[], None] | None = None  # whom to tell when the client is gone
    _every_head: tuple[object, bytes] = (None, b"")  # the lines of uvicorn's own headers, and of which they are

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin, as uvicorn does, then write by way of the joined transport."""
        super().connection_made(transport)
        self.transport = cast("asyncio.Transport", Joined(transport))
        self._be_patient()

    def data_received(self, data: bytes) -> None:
        """Read on, unless a head or its trailers grow without end: the parser would keep all of them."""
        if self._deaf:
            return
        if self._head_bytes >= 0 or not self._unended:
            data, self._held = without_offer(self._held + data if self._held else data)
        self._fed = False
        fresh, self._heads = not self._unended, 0
        super().data_received(data)
        if self._head_bytes < 0 and self._unended:
            self._idle_bytes = 0 if self._fed else self._idle_bytes + len(data)
            if self._idle_bytes > HEADER_BYTES:
                self.transport.close()
        if self._head_bytes >= 0:
            if self._heads == 0 or (fresh and self._heads == 1):  # else it began somewhere behind another request
                self._head_bytes += len(data)
            if self._head_bytes > HEADER_BYTES:
                self.send_400_response(TOO_LARGE)
        self._be_patient()

    def _be_patient(self) -> None:
        """A head that has begun has its time, and so has a client from which nothing is to come but one: line ends
        before it end no silence."""
        waits = self._head_bytes >= 0 or not (self._unended or self._answers_due)
        if self._patience is None and waits and not self.transport.is_closing():
            self._patience = self.loop.call_later(self.header_s, self._too_slow)
        elif self._patience is not None and not waits:
            self._patience.cancel()
            self._patience = None

    @property
    def _answers_due(self) -> bool:
        """Whether a request whose head has come is still to be answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read as a request, and close; on a connection that is closing nothing is said."""
        if self.transport.is_closing():
            return
        if self._oversize or msg == TOO_LARGE:
            self._refuse("431 Request Header Fields Too Large", "headers_too_large", TOO_LARGE)
        else:
            self._refuse("400 Bad Request", "malformed_request", MALFORMED)

    def _too_slow(self) -> None:
        """A head that is not whole in time is answered and given up; a connection that never spoke is closed."""
        self._patience = None
        if self.transport.is_closing():
            return
        if self._head_bytes < 0:
            self.transport.close()
            return
        self._refuse("408 Request Timeout", "request_timeout", TOO_SLOW.format(self.header_s))

    def _refuse(self, status: str, code: str, message: str) -> None:
        """Say why and close: as the answer to the request that is wrong, once those before it are answered."""
        inside = self._unended and self._head_bytes < 0  # what is wrong is the body of the request begun last
        if self._answers_due and not inside:
            self._deaf, self.cycle.keep_alive = True, False
            self.flow.resume_reading()  # what is not read when a connection closes takes the answers back
            return
        if inside and (self.pipeline or self.cycle.response_started):
            self.transport.close()
            return
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
        body = json.dumps({"error": error}).encode()
        lines = ("content-type: application/json", f"content-length: {len(body)}", "connection: close")
        head = "\r\n".join((f"HTTP/1.1 {status}", *lines))
        self.transport.write(f"{head}\r\n\r\n".encode() + body)
        self.transport.close()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._head_bytes = self._idle_bytes = 0
        self._heads += 1
        self._unended = True
        super().on_message_begin()
        extensions = {GONE: self.watch, LINES: self.add_lines, REPLY: self.reply, WHOLE: self.is_whole}
        self.scope["extensions"] = extensions  # type: ignore[typeddict-item]  # ours, and functions

    def on_body(self, body: bytes) -> None:
        """More of a body has come."""
        self._fed = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole, trailers and all."""
        self._unended = False
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """It was answered, a HEAD without a body too; where its own has not come to an end, it has a moment left."""
        cast("Joined", self.transport).flush()
        super().on_response_complete()
        if self.pipeline and not self._deaf:
            self.flow.pause_reading()  # else each answer would let in as many requests as a read holds
        mine = self.cycle.response_complete and self._head_bytes < 0  # else what has not ended is the request behind it
        if self._unended and mine and self._lingering is None and not self.transport.is_closing():
            self._lingering = self.loop.call_later(LINGER_S, self.transport.close)

    def is_whole(self) -> bool:
        """Whether the request begun last has come to its end; then so has every one before it."""
        return not self._unended

    def add_lines(self, lines: bytes) -> None:
        """Send these header lines, each with its end, with the head that comes next."""
        cast("Joined", self.transport).lines = lines

    def reply(self, send: Send, status: int, lines: bytes, body: bytes) -> bool:
        """Send a whole reply at once, `lines` being its headers, each with its end; whether that could be done.

        uvicorn takes it in two messages and looks at every header for what may not stand there, which costs as much
        as to decide about the request. It is left to uvicorn where it would have to wait for a client that does not
        read, and where `send` is not its own any more: whoever put another before it has a word to say on the head.
        """
        cycle = getattr(send, "__self__", None)
        if not isinstance(cycle, RequestResponseCycle):
            return False
        if cycle.disconnected:
            return True
        if cycle.response_started or self.flow.write_paused or cycle.scope["method"] == "HEAD":
            return False
        cycle.response_started = cycle.response_complete = True
        ending = END[2:] if cycle.keep_alive else b"connection: close" + END
        whole = b"".join((STATUS_LINE[status], self._own_lines(cycle), lines, ending, body))
        cast("Joined", self.transport).write_whole(whole)
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        return True

    def _own_lines(self, cycle: RequestResponseCycle) -> bytes:
        """The lines that uvicorn puts into every head; with the date in them they change once a second."""
        headers, lines = self._every_head
        if headers is not cycle.default_headers:
            lines = b"".join(b"%b: %b\r\n" % pair for pair in cycle.default_headers)
            self._every_head = cycle.default_headers, lines
        return lines

    def watch(self, left: Callable[[], None]) -> Callable[[], None]:
        """Have `left` called once when the client is gone; returns how to stop watching.

        One at a time: a connection answers its requests one after the other.
        """
        self._left = left
        if self.transport.is_closing():
            self.loop.call_soon(self._tell)
        return self._unwatch

    def pause_writing(self) -> None:
        """The client takes its answer slower than it comes: look now and then whether it takes any."""
        super().pause_writing()
        self._untaken = -1
        self._look_at_reader()

    def resume_writing(self) -> None:
        """It has taken enough."""
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _look_at_reader(self) -> None:
        """Hang up on a client that has taken nothing since the last look: it may hold a slot of an upstream, and there
        is no end to that."""
        untaken = _untaken(self.transport)
        if untaken == self._untaken:
            self.transport.abort()
            return
        self._untaken = untaken
        self._stalled = self.loop.call_later(self.stall_s, self._look_at_reader)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who watches, after uvicorn has taken note."""
        super().connection_lost(exc)
        for timer in (self._patience, self._lingering, self._stalled):
            if timer is not None:
                timer.cancel()
        self._tell()

    def _tell(self) -> None:
        left, self._left = self._left, None
        if left is not None:
            left()

    def _unwatch(self) -> None:
        self._left = None

    def on_headers_complete(self) -> None:
        """It is whole. Raises ValueError, which the parser makes a 400, for a larger one than is taken, for one that
        would go on in another protocol (what follows would be read as requests of its own), and for one too many."""
        if sum(map(len, chain.from_iterable(self.headers))) + len(self.url) > HEADER_BYTES:
            self._oversize = True
            raise ValueError(TOO_LARGE)
        if self.parser.should_upgrade():
            raise ValueError("another protocol")
        if len(self.pipeline) >= MAX_PIPELINED:
            raise ValueError("more requests than are answered")
        self._head_bytes = -1
        super().on_headers_complete()


def _untaken(transport: asyncio.Transport) -> int:
    """Bytes that are to be sent, here and in the system, until the client has said that it has them."""
    waiting = transport.get_write_buffer_size()
    with suppress(OSError):
        told = fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(4))
        waiting += struct.unpack("i", told)[0]
    return waiting
