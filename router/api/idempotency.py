"""`Idempotency-Key`: a request sent twice is carried out once and answered twice."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from msgspec.structs import replace

from router.core.errors import BadRequest, Conflict, RouterError
from router.core.exchange import Exchange, Outcome
from router.pipeline.pipeline import Pipeline
from router.pipeline.replays import Answer, Keeping, Replays
from router.pipeline.sink import Sink

HEADER = "idempotency-key"
MAX_CHARS = 255
Handle = Callable[[Sink], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Named:
    """A request that has a name: the key its client gave, its raw body, its exchange, and its client's own token for
    an upstream, "" where none is asked with it.

    Names are a client's own: whoever pays with another token gets no answer that this one paid for.
    """

    name: str
    raw: bytes
    exchange: Exchange
    token: str = field(default="", repr=False)

    @property
    def client(self) -> str:
        """Whose name it is."""
        if not self.token:
            return self.exchange.key
        return f"{self.exchange.key} {hashlib.blake2b(self.token.encode(), digest_size=16).hexdigest()}"


async def once(replays: Replays, pipeline: Pipeline, named: Named, sink: Sink, handle: Handle) -> None:
    """Carry out `handle` unless the request was carried out before; then tell the same answer again.

    A second one while the first is under way is refused (409), as is another body (422). Only an answer
    is kept: after a failure the client's retry is carried out again. A request told again writes no row, since
    it is one request.
    """
    exchange = named.exchange
    try:
        answer = _begin(replays, named)
    except RouterError as error:
        await pipeline.refuse(exchange, error, sink)
        if not isinstance(error, Conflict):
            pipeline.close(exchange)
        return
    if answer is not None:
        await _replay(answer, sink)
        return
    keeping = Keeping(sink)
    try:
        await handle(keeping)
    finally:
        kept = keeping.answer() if exchange.outcome is Outcome.ANSWERED else None
        if kept is None:
            replays.forget(named.client, named.name)
        else:
            replays.keep(named.client, named.name, kept)


def _begin(replays: Replays, named: Named) -> Answer | None:
    if not 0 < len(named.name) <= MAX_CHARS:
        raise BadRequest(
            f"`Idempotency-Key` has 1 to {MAX_CHARS} characters.", param="Idempotency-Key", code="invalid_header"
        )
    digest = hashlib.blake2b(named.raw, person=named.exchange.dialect.encode()[:16], digest_size=16).digest()
    return replays.begin(named.client, named.name, digest)


async def _replay(answer: Answer, sink: Sink) -> None:
    start = answer.start
    await sink.start(replace(start, headers={**start.headers, "idempotent-replayed": "true"}))
    await sink.send(answer.body or b"")
    await sink.end()
