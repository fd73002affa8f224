"""One call of a model, from its journal record to its settled row, whatever it is for."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from router.core.counts import Carried, counted
from router.core.dialects.chat import ChatRequest
from router.core.dialects.way import way_of
from router.core.errors import NoRoom, UpstreamError, UpstreamFailed, UpstreamRefused
from router.core.exchange import UNHEARD, Attempt, Exchange
from router.core.fallback import may_have_answered, name_of
from router.core.lessons import Lesson, lesson_of
from router.core.logprobs import without
from router.core.missing import missing
from router.core.moves import Event, Failed, Replied
from router.core.ports import Answer, Upstream
from router.core.prefix import Threshold
from router.core.prices import Usage
from router.core.reply import ChatReply, chars_of, text_of
from router.core.tailoring import tailored
from router.core.tokens import prompt_tokens
from router.core.upstream import Call, Reply
from router.pipeline.call_failure import wait_to_retry
from router.pipeline.callers import callers_own, token_for
from router.pipeline.dependencies import Dependencies
from router.pipeline.holding import Holding
from router.pipeline.intake import FEW, SOON, crowded, weighed
from router.pipeline.opening import Opening, ended, opened
from router.pipeline.planned_call import PlannedCall
from router.pipeline.sink import Sink

TRUNCATED = "truncated"
ID_LIMIT = 200
Tell = Callable[[Event], None]


class OpenCall:
    """One call, from its journal record to its settled row.

    What comes is kept in `parts` until `release_to` sends it to the client. This class reads a whole answer into
    `reply`; `StreamedCall` reads a stream. `abandoned`: another answer was taken while this one was still coming.
    `cut`: the server read only part of the prompt, so its answer is to another question.
    """

    began = False
    cut = False
    abandoned = False
    machine = ""
    reply: Reply | None = None
    read: ChatReply | None = None
    sink: Sink | None = None
    lesson: Lesson | None = None
    content_type = "application/json"
    _peer = ""
    _kept = 0  # bytes of memory that are counted for its answer
    _received = _unread = 0  # bytes of its answer, and of an answer that could not be read
    _used: Usage | None = None  # what it counted, once that was looked at
    _partly: Mapping[str, Any] | None = None  # what a stream had counted when it ended, if its kind can say
    _released: asyncio.Event | None = None  # set when a stream that waits may go out
    _threshold: Threshold | None = None

    def __init__(self, deps: Dependencies, exchange: Exchange, request: ChatRequest, planned: PlannedCall) -> None:
        self.deps = deps
        self.exchange = exchange
        self.request = request
        self.planned = planned
        self.upstream: Upstream = deps.upstreams[planned.upstream]
        self.parts: list[bytes] = []
        shown = request.model if deps.settings.reply_model == "requested" else None
        speaks = self.upstream.spec.speaks if planned.as_it_came else frozenset[str]()
        self.way = way_of(request, speaks, gather=planned.held or planned.kept, shown=shown)
        self.tap = self.way.tap
        if planned.look_at is not None:
            self._threshold = Threshold(planned.look_at)
        self.body, self.changes = self._tailored()
        spec = self.upstream.spec
        opening = Opening(spec.name, planned.origin, planned.reason, spec.price, planned.step, self.changes)
        self.attempt = opened(deps, exchange, opening)

    async def run(self, tell: Tell) -> None:
        """Make the call, and pass events to `tell`: Began for a stream, then either Replied or Failed."""
        try:
            if self.planned.ahead is not None:
                await self.planned.ahead()
            await self._carry_out(tell)
        except UpstreamError as error:
            self._learn(error)
            self.machine = error.machine or self.machine
            if not callers_own(self.upstream.spec, self.request.token, error):  # one caller's limit is not everybody's
                self.deps.breakers.failed(self.upstream.spec, error, self.deps.clock_us())
            self._unread = error.received
            self._settle(error=name_of(error), status=error.upstream_status, paid=may_have_answered(error))
            await wait_to_retry(self.deps, self.exchange, self.planned, error, began=self.began)
            tell(Failed(self.planned.number, error))
        except asyncio.CancelledError:
            self._settle(error="cancelled", status=None)
            raise
        else:
            self._note_missing()
            self._settle(error=TRUNCATED if self.cut else None, status=200)
            self.deps.breakers.answered(self.planned.upstream, self.deps.clock_us())
            if self.planned.lesson is not None:  # it succeeded without what was refused, so the lesson holds
                self.deps.traits.learn(self._learner, self.planned.lesson)
            tell(Replied(self.planned.number))
        finally:
            self._settle(error="internal_error", status=None)  # anything else raised is a bug; its row is closed too
            if self.attempt.error is not None:
                self.free()

    @property
    def answered(self) -> bool:
        """Whether it has ended without an error."""
        return self.attempt.ended_at is not None and self.attempt.error is None

    @property
    def silent(self) -> bool:
        """Whether neither an answer nor a failure has begun to come."""
        return not self.began and self.attempt.ended_at is None

    @property
    def reply_id(self) -> str:
        """The id in the reply itself; "" if it has none."""
        said = self.read.reply_id if self.read else self.tap.reply_id
        return said[:ID_LIMIT].encode("utf-8", "replace").decode()  # the store refuses half a surrogate pair

    @property
    def length(self) -> int | None:
        """The size of a whole reply in bytes; None for a stream."""
        return None if self.reply is None else len(self.parts[0])

    @property
    def forgotten(self) -> bool:
        """Whether its answer cannot be judged, because it was not gathered or grew too large."""
        return self.read is None and not self.tap.gathers

    def release_to(self, sink: Sink) -> None:
        """Send what comes from now on to `sink`. What has come so far stays in `parts`, for the caller to send."""
        self.sink = sink
        self.free()
        if self._released is not None:
            self._released.set()

    def answer(self) -> Answer:
        """The reply as judges see it."""
        return self.read.answer if self.read else self.tap.answer()

    async def _carry_out(self, tell: Tell) -> None:
        """Send it and read the answer. Raises UpstreamError if none comes."""
        self.reply = await self.upstream.send(self._call())
        self._received = size = len(self.reply.body)
        if size > FEW:
            self._came(await weighed(self.reply.body) + max(0, size - self._kept))
        self.machine = self.reply.machine
        self.read = self.way.read(self.reply.body, self.reply.decoded)
        if self.read.error is not None:
            raise self._failed(f"upstream {self.planned.upstream!r} sent a reply without an answer", "in_band")
        shown = without(self.reply.body) if self.planned.hide_logprobs else self.reply.body
        body, self.content_type = self.way.reply(shown, self.reply.content_type)
        self.parts = [body]
        self._look_for_a_cut(self.read.usage)

    def _look_for_a_cut(self, usage: Mapping[str, Any] | None) -> None:
        """Compare the tokens that a local server says it read with those it was sent.

        An answer to part of the prompt fails if another step can still answer; else it is served, marked as degraded.
        """
        pace = self.deps.paces.get(self.planned.upstream)
        if pace is None or not usage:
            return
        self._used = self._counted(usage)
        read = self._used.prompt
        self.cut = pace.bound.cut(self._estimate(), read, self.deps.window(self.planned.upstream))
        if self.cut and not self.planned.patient and self.sink is None:
            raise self._failed(f"upstream {self.planned.upstream!r} read {read:,} tokens of a longer prompt", TRUNCATED)

    @property
    def _counted_in(self) -> Holding:
        """Where the memory of its answer is counted: that of whole ones with all requests."""
        return self.deps.intake.holding

    def _came(self, size: int) -> None:
        """Count the memory that more of a whole answer takes. Raises NoRoom if all together take too much."""
        kept, limit = self._kept, self.deps.settings.in_all
        self._kept += size
        if self._counted_in.crowds(kept, size, limit):
            self.reply = None  # the exchange keeps this call to its end, and there is no room for its bytes
            error = NoRoom(crowded(limit), upstream=self.planned.upstream, upstream_status=200, headers=SOON)
            error.received = self._received or self._kept
            raise error

    def free(self) -> None:
        """Stop counting the memory of its answer: it was sent, or never will be."""
        if self._kept:
            self._counted_in.free(self._kept)
            self._kept = 0

    def _tailored(self) -> tuple[bytes, tuple[str, ...]]:
        """The client's body in the form this upstream takes, and what was changed in it."""
        name, lesson = self.planned.upstream, self.planned.lesson
        foreign = self.exchange.answerer not in ("", name)
        target = self.deps.traits.target(self._learner)
        if lesson is not None:
            target = lesson.applied(target)
        if self.way.native:
            rejects = target.refuses(self.way.body) if target is not None else frozenset[str]()
            return self.way.as_it_came(self.upstream.spec.model, foreign=foreign, rejects=rejects)
        if target is None and self.exchange.answerer == UNHEARD:
            foreign = False  # neither the server nor the conversation is known, so nothing calls for a change
        return tailored(self.request, self.upstream.spec.model, target, foreign=foreign)

    @property
    def _learner(self) -> str:
        """The name under which lessons about this upstream are kept; they differ by dialect."""
        return f"{self.planned.upstream} {self.way.dialect}".rstrip()

    def _learn(self, error: UpstreamError) -> None:
        """Note what a refusal says to leave out, so that the same step is tried once more without it."""
        if self.planned.lesson is None and isinstance(error, UpstreamRefused):
            self.lesson = lesson_of(error, self.request, self.way.dialect)
            error.mendable = self.lesson is not None

    def _call(self) -> Call:
        return Call(
            attempt=self.attempt.id,
            body=self.body,
            request=self.request.body,
            path=self.way.path,
            traceparent=self.exchange.traceparent,
            patient=self.planned.patient,
            headers=self.way.headers,
            key=token_for(self.upstream.spec, self.request.token),
            reached=self._reached,
            came=self._came,
            changed=self._changed,
            tokens=self._estimate() if self.upstream.spec.local else None,
            hedges=self.planned.hedges,
        )

    def _estimate(self) -> int:
        """The prompt's estimated tokens: the signal, or a new count for a request that named its upstream."""
        counted = self.exchange.signals.get("prompt_tokens")
        return counted if isinstance(counted, int) else prompt_tokens(self.request.body)

    def _note_missing(self) -> None:
        """Note what the client asked for and did not get, as if it had been left out of the request."""
        body = self.request.body
        if self.way.native or not ("logprobs" in body or "n" in body):
            return
        if self.read is None:
            choices, measured = len(self.tap.finish_reasons), not self.tap.unmeasured
        else:
            answer = self.read.answer
            choices, measured = answer.choices, bool(answer.logprobs) or not text_of(answer.message)
        self._changed(tuple(missing(body, choices, measured=measured)))

    def _changed(self, notes: tuple[str, ...]) -> None:
        """Note what the upstream left out; written when the attempt ends."""
        if notes:
            self._replace_attempt(replace(self.attempt, changes=(*self.attempt.changes, *notes)))

    def _reached(self, peer: str) -> None:
        """Note the address that was connected to; written when the attempt ends."""
        self._peer = peer or self._peer

    def _failed(self, message: str, code: str) -> UpstreamFailed:
        return UpstreamFailed(message, upstream=self.planned.upstream, upstream_status=200, code=code)

    def _settle(self, *, error: str | None, status: int | None, paid: bool = False) -> None:
        """End the attempt, once. `paid`: it failed, but may be charged for."""
        if self.attempt.ended_at is not None:
            return
        more = {"status": status, "usage": self._usage(paid), "machine": self.machine, "peer": self._peer}
        self._replace_attempt(self.attempt.finished(self.deps.clock_us(), error=error, **more))
        ended(self.deps, self.exchange, self.attempt)

    def _usage(self, paid: bool) -> Usage | None:
        """What the upstream counted, or an estimate if it may charge without a count; None if nothing was answered."""
        if self._used is not None:
            return self._used
        usage = self.read.usage if self.read else self.tap.usage or self._partly
        known = usage or self.read or self.tap.first_token or self.abandoned or paid
        return self._counted(usage) if known else None

    def _counted(self, usage: Mapping[str, Any] | None) -> Usage:
        """The upstream's count, as far as it is plausible. In an unreadable answer every byte counts as text."""
        carried = Carried(
            sent=len(self.body),
            received=self._received or self._unread,
            chars=chars_of(self.read.answer.message) if self.read else self.tap.chars or self._unread,
            window=self.deps.window(self.planned.upstream),
            whole=self.read is not None or self.tap.complete,
        )
        return counted(usage, carried, self.request)

    def _replace_attempt(self, attempt: Attempt) -> None:
        self.exchange.attempts[self.exchange.attempts.index(self.attempt)] = attempt
        self.attempt = attempt
