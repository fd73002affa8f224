"""One upstream on several machines: the least busy is asked first; a conversation stays where it began."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import chain
from typing import Any, TypeVar
from urllib.parse import urlsplit

from msgspec import structs

from router.core.errors import NotReady, UpstreamError
from router.core.ports import Explorable, Upstream
from router.core.upstream import Call, OpenStream, Phase, Reply, UpstreamSpec, UpstreamState

OUT_S = 5.0  # as often as the states are looked at
REMEMBERED = 10_000
UNDER_WAY = 1_000
SLACK = 1  # how many more calls under way a machine that knows the beginning may have than the least busy one
PREFIX_CHARS = 4000
UNSENT = frozenset({"unreachable", "timeout_connect", "no_model", "not_local"})  # nothing was read there
ORDER: Mapping[Phase, int] = {"ready": 0, "busy": 1, "loading": 2, "failing": 3, "absent": 4}
Answer = TypeVar("Answer", Reply, OpenStream)


@dataclass(slots=True)
class Machine:
    """One machine: `open` calls of ours are under way; it is skipped until `out_until`."""

    name: str
    upstream: Upstream
    open: int = 0
    out_until: float = 0.0
    state: UpstreamState = field(default_factory=lambda: UpstreamState("loading"))

    @property
    def load(self) -> float:
        """How busy it is: the calls we know of, ours or its own count, a slot."""
        slots = self.state.slots
        taken = slots - self.state.free_slots if slots and self.state.free_slots is not None else 0
        return (max(self.open, taken) + (self.state.queue or 0)) / (slots or 1)


class Pool:
    """Machines that serve the same model. `slots` and `context` of the row are those of each.

    A call goes to the machine that answered this conversation's beginning before (its prompt cache
    is warm), unless another is less busy by more than one call; else to the least busy one. A machine
    that cannot be reached, or is not ready, is passed over for five seconds, and the call goes to the
    next one, for nothing was read there. A failure after that is the call's own. A call that hedges
    another goes to another machine than that one.
    """

    def __init__(self, spec: UpstreamSpec, upstreams: Sequence[Upstream]) -> None:
        self.spec = spec
        self.machines = tuple(Machine(place_of(one.spec.url), one) for one in upstreams)
        self._known: OrderedDict[bytes, Machine] = OrderedDict()
        self._asked_by: OrderedDict[str, Machine] = OrderedDict()

    @property
    def first(self) -> Upstream:
        """A machine that can be asked something other than to answer, such as to count tokens."""
        return min(self.machines, key=lambda machine: (self._is_out(machine), machine.load)).upstream

    async def send(self, call: Call) -> Reply:
        """As one machine's. Raises UpstreamError, which names the machine."""

        async def ask(machine: Machine) -> Reply:
            try:
                return structs.replace(await machine.upstream.send(call), machine=machine.name)
            finally:
                machine.open -= 1

        return await self._asked(call, ask)

    async def stream(self, call: Call) -> OpenStream:
        """As one machine's; it counts as under way until the stream is closed."""

        async def ask(machine: Machine) -> OpenStream:
            opened: OpenStream | None = None
            try:
                opened = await machine.upstream.stream(call)
            finally:
                if opened is None:
                    machine.open -= 1
            return structs.replace(opened, machine=machine.name, close=_closing(machine, opened))

        return await self._asked(call, ask)

    async def state(self) -> UpstreamState:
        """The best of the machines' phases; slots and queues summed over those that answer."""
        states = await asyncio.gather(*(machine.upstream.state() for machine in self.machines))
        now = asyncio.get_running_loop().time()
        for machine, state in zip(self.machines, states, strict=True):
            machine.state = state
            machine.out_until = 0.0 if state.phase in ("ready", "busy") else now + OUT_S
        return _together(self.machines)

    async def explore(self, *, tokens: bool = True) -> None:
        """Find out what each machine can do, one after the other."""
        for machine in self.machines:
            if isinstance(machine.upstream, Explorable):
                await machine.upstream.explore(tokens=tokens)

    def forget(self) -> None:
        """Find out again at the next `explore`."""
        for machine in self.machines:
            if isinstance(machine.upstream, Explorable):
                machine.upstream.forget()

    async def aclose(self) -> None:
        """Let go of every machine."""
        await asyncio.gather(*(machine.upstream.aclose() for machine in self.machines))

    async def _asked(self, call: Call, ask: Callable[[Machine], Awaitable[Answer]]) -> Answer:
        beginning, tried = beginning_of(call.request), set[str]()
        if call.hedges in self._asked_by:
            tried.add(self._asked_by[call.hedges].name)
        while True:
            machine = self._chosen(beginning, tried)
            machine.open += 1
            self._note_asked(call, machine)
            try:
                answer = await ask(machine)
            except UpstreamError as error:
                error.machine = machine.name
                tried.add(machine.name)
                if self._note(machine, error) and len(tried) < len(self.machines):
                    continue
                raise
            self._remember(beginning, machine)
            return answer

    def _chosen(self, beginning: bytes, tried: set[str]) -> Machine:
        fresh = [machine for machine in self.machines if machine.name not in tried]
        sound = [machine for machine in fresh if not self._is_out(machine)] or fresh
        least = min(sound, key=lambda machine: (machine.load, _rank(beginning, machine)))
        known = self._known.get(beginning)
        return known if known in sound and known.open <= least.open + SLACK and not _full(known) else least

    def _note(self, machine: Machine, error: UpstreamError) -> bool:
        """Pass the machine over for a while where it is to blame; whether another may be asked instead."""
        unsent = error.code in UNSENT or isinstance(error, NotReady)
        if unsent or error.upstream_status is None or error.upstream_status >= 500:
            machine.out_until = asyncio.get_running_loop().time() + OUT_S
        return unsent

    def _note_asked(self, call: Call, machine: Machine) -> None:
        self._asked_by[call.attempt] = machine
        if len(self._asked_by) > UNDER_WAY:
            self._asked_by.popitem(last=False)

    def _is_out(self, machine: Machine) -> bool:
        return machine.out_until > asyncio.get_running_loop().time()

    def _remember(self, beginning: bytes, machine: Machine) -> None:
        self._known[beginning] = machine
        self._known.move_to_end(beginning)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


def place_of(url: str) -> str:
    """What a machine is called in the ledger: its host and port."""
    return urlsplit(url).netloc.rpartition("@")[2]


def beginning_of(request: Mapping[str, Any]) -> bytes:
    """A digest of how a conversation begins, up to its first question: what a prompt cache would hold of it."""
    digest = blake2b(digest_size=16)
    for message in request.get("messages") or ():
        digest.update(f"{message.get('role')}\0{message.get('content')}"[:PREFIX_CHARS].encode("utf-8", "replace"))
        if message.get("role") == "user":
            break
    return digest.digest()


def _rank(beginning: bytes, machine: Machine) -> bytes:
    """Which of equally busy machines: the same one for the same beginning, all alike over many (rendezvous hashing)."""
    return blake2b(beginning + machine.name.encode(), digest_size=8).digest()


def _full(machine: Machine) -> bool:
    return bool(machine.state.slots and machine.open >= machine.state.slots)


def _closing(machine: Machine, opened: OpenStream) -> Callable[[], Awaitable[None]]:
    closed = False

    async def close() -> None:
        nonlocal closed
        if not closed:
            closed = True
            machine.open -= 1
        await opened.close()

    return close


def _together(machines: Sequence[Machine]) -> UpstreamState:
    best = min(machines, key=lambda machine: ORDER[machine.state.phase])
    up = [machine.state for machine in machines if machine.state.phase in ("ready", "busy")] or [best.state]
    down = [f"{m.name} {m.state.phase}" for m in machines if m.state.phase not in ("ready", "busy")]
    detail = (
        f"{len(machines) - len(down)} of {len(machines)} machines: {', '.join(down)}" if down else best.state.detail
    )
    loads = [state.loads_in_s for state in up if state.loads_in_s is not None]
    known = set(chain.from_iterable({state.resident} for state in up))
    return replace(
        best.state,
        context=min((state.context for state in up if state.context), default=None),
        slots=_sum(state.slots for state in up),
        free_slots=_sum(state.free_slots for state in up),
        queue=_sum(state.queue for state in up),
        resident=True if True in known else False if False in known else None,
        loads_in_s=min(loads, default=None),
        cloud=next((machine.state.cloud for machine in machines if machine.state.cloud), ""),
        detail=detail,
    )


def _sum(values: Any) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
