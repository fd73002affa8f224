"""The parts in force, and the loops that keep them up to date."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any

from router.config import load_config
from router.config.records import Config
from router.core.dialects.chat import parse
from router.core.errors import RouterError, SetupError
from router.core.families import traits_of
from router.core.keys import Key
from router.core.pace import Pace
from router.core.ports import Explorable, Upstream
from router.core.retries import Retries
from router.core.signals import SignalValue, facts_of
from router.core.upstream import UpstreamState
from router.observers.late import Late
from router.observers.pacing import Pacing
from router.observers.telemetry import Telemetry
from router.pipeline.breakers import Breakers, Status
from router.pipeline.dependencies import Dependencies
from router.pipeline.holding import Holding
from router.pipeline.intake import Intake, Share
from router.pipeline.options import RequestOptions
from router.pipeline.pause import EVERYONE, Pause, pause_file
from router.pipeline.pipeline import Pipeline
from router.pipeline.preview import preview
from router.pipeline.replays import Replays
from router.pipeline.sessions import Sessions
from router.pipeline.shadows import Shadows
from router.pipeline.spilling import Spills
from router.pipeline.traits import KnownTraits
from router.runtime.building import build_deps, build_store, build_upstreams, digests_of
from router.runtime.clock import steady_clock_us
from router.runtime.gauges import watch_breakers, watch_ledger, watch_pause, watch_shadows, watch_spills
from router.runtime.restart import refuse_what_needs_a_restart
from router.runtime.retiring import Retired
from router.runtime.salt import salt_of
from router.runtime.states import states_of
from router.runtime.watching import FileWatch

logger = logging.getLogger("smallfirst")

PAUSE_S, KEYS_S, FILES_S, STATES_S, LOADING_S, EXPLORE_S = 0.5, 0.5, 2.0, 5.0, 0.5, 1.0


class Runtime:
    """One running proxy. Requests use its `pipeline`; a reload replaces it, and requests under way keep the old one."""

    def __init__(self, config: Config, *, refill: Callable[[Config], Config] = lambda config: config) -> None:
        """Build everything, or raise SetupError; no connection is opened before `start`.

        `refill` puts the upstreams back into a reloaded configuration that says `discover`.
        """
        self.config = config
        self.clock_us = steady_clock_us()
        self.started_s = self.clock_us() // 1_000_000
        self.telemetry = Telemetry()
        self.states: dict[str, UpstreamState] = {}
        self.facts: dict[str, SignalValue] = {}
        self.sessions = Sessions()
        self.traits = KnownTraits()
        self.breakers = Breakers(self.facts)
        self.retries = Retries()
        self.spills = Spills()
        self.holding = Holding()
        self.intake = Intake()
        self.replays = Replays(self.clock_us)
        self.shadows = Shadows(self.telemetry.add_calls)
        self.keys: Mapping[str, Key] = {}
        self.last_refusal: str | None = None
        self._refill = refill
        self._loops: list[asyncio.Task[None]] = []
        self._reloading = asyncio.Lock()
        self._retired = Retired()
        self._watch = FileWatch(config.files)
        self.pause = Pause(pause_file(config.store.url, config.path.parent))
        self.store = build_store(config, self.clock_us)
        watch_pause(self.telemetry, lambda: bool(self.pause.keys))
        watch_ledger(self.telemetry, lambda: self.store.state)
        watch_breakers(self.telemetry, self.statuses, self.breakers.opened)
        watch_spills(self.telemetry, self._spilled)
        watch_shadows(self.telemetry, self.shadows.counts)
        self.paces: dict[str, Pace] = {}
        self.upstreams: dict[str, Upstream] = build_upstreams(config.upstreams, {}, self.paces)
        self._note_facts()
        self.pipeline = Pipeline(self._deps(config))
        self.read_keys()
        self.pause.refresh()

    def share(self) -> Share:
        """One request's share of the memory for bodies; a context manager that gives it back."""
        return self.intake.share(self.config.limits.body_mb << 20)

    async def start(self) -> None:
        """Ask every upstream for its state, which starts those that are child processes, and begin the loops."""
        await self.look_at_upstreams()
        self._loops = [
            asyncio.create_task(_every(PAUSE_S, self.refresh_pause)),
            asyncio.create_task(_every(KEYS_S, self.refresh_keys)),
            asyncio.create_task(_every(FILES_S, self.reload_if_changed)),
            asyncio.create_task(self._watch_upstreams()),
            asyncio.create_task(_every(EXPLORE_S, self.explore)),
            asyncio.create_task(self.shadows.work()),
        ]

    async def stop(self) -> None:
        """End the loops, hang up on the upstreams, and write what the journal still holds."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        for upstream in self.upstreams.values():
            await upstream.aclose()
        await self._retired.aclose()
        await asyncio.to_thread(self.store.close)

    async def reload(self) -> None:
        """Build new parts beside the old ones and swap them. Raises SetupError; then the old ones stay in force.

        One at a time: of two at once neither would let go of what the other built, and the older could come last.
        """
        async with self._reloading:
            await self._reload()

    async def _reload(self) -> None:
        config = self._read_again()
        refuse_what_needs_a_restart(self.config, config)
        await asyncio.to_thread(digests_of, config.upstreams)  # of gigabytes of weights, if they are new
        upstreams = build_upstreams(config.upstreams, self.upstreams, self.paces)
        old, traits = self.upstreams, KnownTraits()
        deps = self._deps(config, upstreams, traits)  # before anything new is asked, which starts child processes
        built = {name: each for name, each in upstreams.items() if old.get(name) is not each}
        try:
            found = await states_of(built, {})
        except (asyncio.CancelledError, OSError, RouterError):
            self._retired.replaced(built, {})
            raise
        self.config, self.upstreams, self.traits, self.pipeline = config, upstreams, traits, Pipeline(deps)
        self.states.update(found)  # nothing is sent to a new upstream before its state is known
        self._note_facts()
        self.last_refusal = None
        self.breakers.keep(name for name, upstream in upstreams.items() if old.get(name) is upstream)
        for upstream in upstreams.values():
            if isinstance(upstream, Explorable):
                upstream.forget()
        self._retired.replaced(old, upstreams)
        await self.look_at_upstreams()
        policy = deps.policies[config.policies.default]  # the digest that is new tells which file has changed
        logger.info("reloaded: config %s, policy %s@%s", config.digest, policy.name, policy.digest[:6])

    def _read_again(self) -> Config:
        """What config.yaml says now. If it is refused, its files are looked at all the same: one may mend it."""
        self._watch.look()
        try:
            config = load_config(self.config.path)
        except SetupError as error:
            self._watch.follow({self.config.path, *error.files})
            raise
        self._watch.follow(config.files)
        return self._refill(config)

    def warm(self) -> None:
        """Decide one made-up request, so that the first client finds the caches full. Sends and writes nothing."""
        request = parse(b'{"model": "auto", "messages": [{"role": "user", "content": "Are you there?"}]}')
        with suppress(RouterError):
            preview(self.pipeline.deps, self.pipeline.open(), request, RequestOptions())

    def ready(self) -> tuple[bool, dict[str, str]]:
        """Whether the store takes rows and at least one upstream can answer, and the phase of each upstream."""
        phases = {name: state.phase for name, state in self.states.items()}
        answering = any(phase in ("ready", "busy") for phase in phases.values())
        return answering and self.store.state.ready, dict(phases)

    def abilities(self) -> dict[str, dict[str, Any]]:
        """By upstream: what kind of server it is, what it lacks, and what its refusals have taught."""
        return {
            name: {
                "server": traits.family or None,
                "lacks": sorted(traits.lacks),
                "learnt": list(self.traits.lessons(name)),
            }
            for name, traits in self.traits.about().items()
        }

    def statuses(self) -> dict[str, Status]:
        """The state of each upstream's breaker."""
        return {name: self.breakers.status(name, self.clock_us()) for name in self.upstreams}

    def _spilled(self) -> Mapping[str, float]:
        policies = self.pipeline.deps.policies.values()
        return self.spills.paid((policy.name for policy in policies if policy.spill), self.clock_us())

    def _deps(
        self, config: Config, upstreams: Mapping[str, Upstream] | None = None, traits: KnownTraits | None = None
    ) -> Dependencies:
        metrics = (self.telemetry,) if config.telemetry.metrics else ()
        return build_deps(
            config,
            upstreams=self.upstreams if upstreams is None else upstreams,
            store=self.store,
            clock_us=self.clock_us,
            salt=salt_of(self.pause.path.with_suffix(".salt")),
            observers=(Pacing(self.paces), Late(self.store.put), *metrics),
            pause=self.pause,
            facts=self.facts,
            paces=self.paces,
            sessions=self.sessions,
            traits=traits or self.traits,
            breakers=self.breakers,
            retries=self.retries,
            spills=self.spills,
            holding=self.holding,
            intake=self.intake,
            shadow=self.shadows.offer,
        )

    def _note_facts(self) -> None:
        for name, upstream in self.upstreams.items():
            state = self.states.get(name)
            self.facts.update(facts_of(upstream.spec, state, self.paces.get(name)))
            if self.breakers.is_open(name, self.clock_us()):
                self.facts[f"{name}.ready"] = False
            self.traits.tell(name, traits_of(upstream.spec, state))

    def read_keys(self) -> None:
        """Read every live key from the store."""
        self.keys = {row["digest"]: _key(row) for row in self.store.aggregate("keys.live")}

    async def refresh_pause(self) -> None:
        """Read the pause file, and write every change to the audit log."""
        before = self.pause.keys
        if not self.pause.refresh():
            return
        for action, keys in (("pause", self.pause.keys - before), ("resume", before - self.pause.keys)):
            if keys:
                subject = ", ".join(sorted(keys))
                logger.warning("%s: %s", action, "everyone" if EVERYONE in keys else subject)
                row = {"who": "pause", "action": action, "subject": subject}
                await asyncio.to_thread(self.store.put, "audit_log", row)

    async def refresh_keys(self) -> None:
        """Read the keys without holding up requests."""
        await asyncio.to_thread(self.read_keys)

    async def reload_if_changed(self) -> None:
        """Reload if a file that the configuration names has changed. If the new parts cannot be built, log why."""
        if not (changed := self._watch.look()):
            return
        logger.info("reloading, because of a change: %s", ", ".join(map(str, changed)))
        try:
            await self.reload()
        except SetupError as error:
            self.last_refusal = str(error)
            logger.error("the changed configuration was refused, and the last good one stays in force:\n%s", error)

    async def _watch_upstreams(self) -> None:
        """Ask every upstream for its state, and more often while one is loading, since people watch that."""
        while True:
            loading = any(state.phase == "loading" for state in self.states.values())
            await asyncio.sleep(LOADING_S if loading else STATES_S)
            await self.look_at_upstreams()

    async def explore(self) -> None:
        """Find out what the servers that are ready can do, one after another. What is known is not asked again."""
        for name, upstream in tuple(self.upstreams.items()):
            state = self.states.get(name)
            if isinstance(upstream, Explorable) and state is not None and state.phase == "ready":
                await upstream.explore()

    async def look_at_upstreams(self) -> None:
        """Ask every upstream for its state, and update what policies may read of it."""
        upstreams = self.upstreams
        states = await states_of(upstreams, self.states)
        if upstreams is self.upstreams:  # else what was said is of those before a reload
            self.states = states
            self._note_facts()


def _key(row: Mapping[str, Any]) -> Key:
    return Key(
        id=row["id"],
        name=row["name"],
        digest=row["digest"],
        prefix=row["prefix"],
        policy=row["policy"],
        local_only=bool(row["local_only"]),
        scopes=tuple(row["scopes"]),
    )


async def _every(seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except (OSError, RouterError) as error:
            logger.warning("%s failed and will be tried again: %s", work.__name__, error)
