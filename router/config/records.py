"""What config.yaml says, checked: one frozen record a section."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from router.config.digest import digest_of
from router.core.entrypoint import Entrypoint
from router.core.errors import Problem
from router.core.upstream import UpstreamSpec

Auth = Literal["open", "required"]
KeepBodies = Literal["none", "hash", "sample", "full"]
OnFailure = Literal["open", "closed"]
ReplyModel = Literal["served", "requested"]


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the server listens; port 0 lets the system choose."""

    host: str = "127.0.0.1"
    port: int = 4000


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The ledger: where it is and how it is written. `url` holds an absolute SQLite path, or is `memory`."""

    url: str
    keep_bodies: KeepBodies = "none"
    retain_days: int = 90
    on_failure: OnFailure = "open"
    sync: bool = False


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """Where policies lie (absolute; the folder need not exist) and which one is the default."""

    folder: Path
    default: str = "balanced"


@dataclass(frozen=True, slots=True)
class ClassifierSettings:
    """Which artifact is loaded: `default`, `builtin`, or the absolute path of a folder."""

    artifact: str = "default"


@dataclass(frozen=True, slots=True)
class Hold:
    """How long a held stream may keep silent before its 200 goes out, in seconds."""

    commit_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Sessions:
    """How long a conversation stays where it was, and a provider's prompt cache is counted on, in seconds."""

    expire_s: float = 3600.0
    cache_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What is said to the outside: an OTLP endpoint, metrics, and whether with content."""

    otlp: str | None = None
    metrics: bool = True
    content: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on what a request may weigh."""

    body_mb: int = 64


@dataclass(frozen=True, slots=True)
class Cors:
    """Whose web pages may ask where keys are required; `*` is every page that holds a key."""

    origins: tuple[str, ...] = ("*",)


@dataclass(frozen=True, slots=True)
class Hub:
    """Where `pull` gets models, and puts them: `endpoint` None is the client's own, `folder` is absolute once read."""

    endpoint: str | None = None
    folder: Path = Path("models")


@dataclass(frozen=True, slots=True)
class Config:
    """The whole of config.yaml, checked and resolved; its secrets do not appear in its repr.

    `upstreams` is empty while `discover` is true: `with_upstreams` fills it. `prices`: the price book for rows without
    a price: `default`, `none`, or an absolute path. `digest`: 12 hex characters over everything but warnings and the
    values of secrets; it is recorded with every exchange. `files`: the files and folders that it was read from or
    names, itself included.
    """

    path: Path
    store: StoreSettings
    policies: PolicySettings
    upstreams: Mapping[str, UpstreamSpec]
    discover: bool = False
    listen: Listen = Listen()
    auth: Auth = "open"
    counters: Literal["memory"] = "memory"
    classifier: ClassifierSettings = ClassifierSettings()
    reply_model: ReplyModel = "served"
    hold: Hold = Hold()
    sessions: Sessions = Sessions()
    entrypoints: Mapping[str, Entrypoint] = field(default_factory=dict)
    baseline: str = "big"
    telemetry: Telemetry = Telemetry()
    limits: Limits = Limits()
    cors: Cors = Cors()
    hub: Hub = Hub()
    premises: tuple[str, ...] = ()
    prices: str = "default"
    egress: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    admin_key: str | None = field(default=None, repr=False)
    digest: str = ""
    files: frozenset[Path] = frozenset()
    warnings: tuple[Problem, ...] = ()

    def with_upstreams(
        self, upstreams: Mapping[str, UpstreamSpec], *, baseline: str | None = None, artifact: str | None = None
    ) -> "Config":
        """Return this configuration with discovered upstreams in place, and its digest computed again.

        *artifact* replaces only the artifact `default`, not one that a person chose.
        """
        classifier = self.classifier
        if artifact and classifier.artifact == "default":
            classifier = ClassifierSettings(artifact)
        whole = replace(
            self, upstreams=dict(upstreams), discover=False, baseline=baseline or self.baseline, classifier=classifier
        )
        return replace(whole, digest=digest_of(whole))
