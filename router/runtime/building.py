"""Builds the parts that a checked configuration names. No other module knows concrete kinds."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.artifact import ArtifactError, Classifier
from classifier.digests import model_digest
from classifier.verifier import Verifier
from policies.policy import Policy
from router import judges
from router.config.records import Config, StoreSettings
from router.core.dialects.chat import ChatRequest
from router.core.errors import Problem, SetupError
from router.core.exchange import Exchange
from router.core.pace import Pace
from router.core.ports import Answer, Observer, Store, Upstream
from router.core.recording import Recording
from router.core.retries import Retries
from router.core.signals import SignalValue
from router.core.upstream import UpstreamSpec
from router.pipeline.breakers import Breakers
from router.pipeline.dependencies import Dependencies
from router.pipeline.holding import Holding
from router.pipeline.intake import Intake, most
from router.pipeline.pause import Pause
from router.pipeline.sessions import Sessions
from router.pipeline.settings import Settings
from router.pipeline.shadows import wanted
from router.pipeline.spilling import Spills
from router.pipeline.traits import KnownTraits
from router.reports.backing import Grounds
from router.runtime.entropy import paged
from router.runtime.policybook import load_policies
from router.upstreams import build
from router.upstreams.digest import gguf_digest
from router.upstreams.watched import Watched

if TYPE_CHECKING:
    from router.store.memory import MemoryStore
    from router.store.sql import SqlStore

BUILTIN, PANEL = "builtin", "panel"


def build_store(config: Config, clock_us: Callable[[], int]) -> "SqlStore | MemoryStore":
    """The ledger of this configuration, migrated to this release's schema."""
    return open_store(config.store, clock_us)


def open_store(settings: StoreSettings, clock_us: Callable[[], int]) -> "SqlStore | MemoryStore":
    """The ledger that lies there."""
    from router.store.memory import MemoryStore
    from router.store.sql import SqlStore
    from router.store.upgrade import upgrade

    if settings.url == "memory":
        return MemoryStore(clock_us=clock_us)
    upgrade(settings.url)
    return SqlStore(settings.url, clock_us=clock_us, sync=settings.sync)


def build_upstreams(
    specs: Mapping[str, UpstreamSpec], kept: Mapping[str, Upstream], paces: dict[str, Pace] | None = None
) -> dict[str, Upstream]:
    """One upstream for each row; local ones are watched.

    An upstream whose row has not changed is taken from `kept`, so that a reload restarts no server. `paces` gets an
    entry for each local upstream, unless it has one already.
    """
    paces = {} if paces is None else paces
    recordings = _recordings(specs)
    made: dict[str, Upstream] = {}
    for name, row in specs.items():
        spec, old = with_gguf_path(row), kept.get(name)
        played = recordings if spec.options.get("recording") == BUILTIN else None
        if old is not None and old.spec == spec:
            made[name] = old
        elif spec.local and spec.kind != "recorded":
            made[name] = Watched(build(spec, played), paces.setdefault(name, Pace()))
        else:
            made[name] = build(spec, played)
    return made


def build_deps(  # noqa: PLR0913 - it gathers them into one record
    config: Config,
    *,
    upstreams: Mapping[str, Upstream],
    store: Store,
    clock_us: Callable[[], int],
    salt: bytes,
    observers: tuple[Observer, ...],
    pause: Pause,
    facts: Mapping[str, SignalValue],
    paces: Mapping[str, Pace],
    sessions: Sessions,
    traits: KnownTraits | None = None,
    breakers: Breakers | None = None,
    retries: Retries | None = None,
    spills: Spills | None = None,
    holding: Holding | None = None,
    intake: Intake | None = None,
    shadow: Callable[[Dependencies, Exchange, ChatRequest, Callable[[], Answer | None]], None] | None = None,
) -> Dependencies:
    """Everything that one exchange needs. Raises SetupError with all problems of the policies, or the artifact's."""
    specs = {name: upstream.spec for name, upstream in upstreams.items()}
    policies, spills = load_policies(config, specs), spills or Spills()
    deps = Dependencies(
        settings=_settings(config, salt),
        upstreams=upstreams,
        policies=policies,
        judges=judges.build(tuple(judges.KINDS), load_verifier(config)),
        store=store,
        clock_us=clock_us,
        random_bytes=paged(os.urandom),
        facts=facts,
        paces=paces,
        digests={name: digest_of(spec) for name, spec in specs.items()},
        classifier=load_classifier(config),
        cuts=_cuts(config, specs),
        keep_cuts=_of_the_panel(config, specs, "keep_cut"),
        strictness=_of_the_panel(config, specs, "strictness"),
        observers=(*observers, spills) if any(policy.spill for policy in policies.values()) else observers,
        paused=pause.covers,
        sessions=sessions,
        traits=traits or KnownTraits(),
        breakers=breakers or Breakers(),
        retries=retries or Retries(),
        spills=spills,
        holding=holding or Holding(),
        intake=intake or Intake(),
        shadow=shadow,
    )
    return deps if wanted(deps) else replace(deps, shadow=None)


def _settings(config: Config, salt: bytes) -> Settings:
    return Settings(
        baseline=config.baseline,
        default_policy=config.policies.default,
        config_digest=config.digest,
        entrypoints=config.entrypoints,
        fail_closed=config.store.on_failure == "closed",
        reply_model=config.reply_model,
        commit_s=config.hold.commit_s,
        salt=salt,
        egress={rule: frozenset(names) for rule, names in config.egress.items()},
        session_us=int(config.sessions.expire_s * 1_000_000),
        cache_us=int(config.sessions.cache_s * 1_000_000),
        in_all=most(config.limits.body_mb << 20),
    )


def load_verifier(config: Config) -> Verifier:
    """The second stage that goes with the artifact; if there is none, one that ranks by votes.

    Of a folder that the configuration names, it is the folder `panel` inside. Raises SetupError if it is broken.
    """
    named = config.classifier.artifact
    folder = {
        "default": Path(str(files("classifier"))) / "artifacts" / PANEL,
        BUILTIN: Path(str(files("router"))) / BUILTIN / PANEL,
    }.get(named, Path(named) / PANEL)
    try:
        return Verifier.load(folder)
    except ArtifactError as error:
        raise _refused(config, error) from error


def _artifact(config: Config) -> Path:
    named = config.classifier.artifact
    return {
        "default": Path(str(files("classifier"))) / "artifacts" / "default",
        BUILTIN: Path(str(files("router"))) / BUILTIN / "artifact",
    }.get(named, Path(named))


def load_classifier(config: Config) -> Classifier:
    """The artifact that the configuration names: the shipped one, the built-in world's, or one in a folder.

    Raises SetupError if it cannot be loaded.
    """
    try:
        return Classifier.load(_artifact(config))
    except ArtifactError as error:
        raise _refused(config, error) from error


def _refused(config: Config, error: ArtifactError) -> SetupError:
    remedy = "name `default`, or a folder that `learn train` wrote"
    return SetupError([Problem(str(config.path), None, "classifier.artifact", str(error), remedy)])


def digest_of(spec: UpstreamSpec) -> str:
    """The digest of an upstream's model: of its weights if the file is here, else of its name."""
    if spec.kind != "llamacpp":
        return model_digest(spec.model)
    return gguf_digest(Path(str(spec.options["gguf"])))


def digests_of(specs: Mapping[str, UpstreamSpec]) -> dict[str, str]:
    """The digest of every upstream's model, by upstream. Artifacts know models by these digests."""
    return {name: digest_of(with_gguf_path(spec)) for name, spec in specs.items()}


def with_gguf_path(spec: UpstreamSpec) -> UpstreamSpec:
    """The row with `gguf: builtin:NAME` replaced by the path of that file."""
    scheme, _, name = str(spec.options.get("gguf", "")).partition(":")
    if scheme != BUILTIN:
        return spec
    weights = Path(str(files("router"))) / BUILTIN / "models" / f"{name}.gguf"
    return replace(spec, options={**spec.options, "gguf": str(weights)})


def _recordings(specs: Mapping[str, UpstreamSpec]) -> Mapping[str, Recording]:
    """The built-in world's answer sheet, made only if an upstream plays it."""
    if not any(spec.options.get("recording") == BUILTIN for spec in specs.values()):
        return {}
    from router.builtin.sheet import sheet

    return sheet()


def grounds_of(config: Config, policies: Mapping[str, Policy]) -> Grounds:
    """The policies that clients can reach in this configuration, with the baseline and their cuts."""
    used = dict.fromkeys((config.policies.default, *(entry.policy for entry in config.entrypoints.values())))
    return Grounds(
        policies=tuple(policies[name] for name in used if name in policies),
        baseline=config.baseline,
        cuts=_cuts(config, config.upstreams),
        keep_cuts=_of_the_panel(config, config.upstreams, "keep_cut"),
    )


def _cuts(config: Config, specs: Mapping[str, UpstreamSpec]) -> Mapping[str, float]:
    """The cuts of the built-in world, set by hand from its training questions; none for any other world."""
    cuts = _builtin_cuts(config)
    small = next((spec.model for spec in specs.values() if spec.local), "")
    return {config.policies.default: float(cuts[small]["cut"])} if small in cuts else {}


def _of_the_panel(config: Config, specs: Mapping[str, UpstreamSpec], what: str) -> Mapping[str, float]:
    """`keep_cut` or `strictness` of the built-in world's panel, by policy; empty for any other panel."""
    members = [spec.model for spec in specs.values() if spec.local]
    found = _builtin_cuts(config).get(" > ".join(members))
    return {config.policies.default: float(found[what])} if found and len(members) > 1 else {}


def _builtin_cuts(config: Config) -> Mapping[str, Mapping[str, float]]:
    if config.classifier.artifact != BUILTIN:
        return {}
    cuts: dict[str, dict[str, float]] = json.loads(
        (files("router") / BUILTIN / "cuts.json").read_text(encoding="utf-8")
    )
    return cuts
