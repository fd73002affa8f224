"""The operator's settings that every request reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from router.core.entrypoint import Entrypoint
from router.pipeline.intake import IN_ALL
from router.pipeline.sessions import CACHE_US, EXPIRES_US


@dataclass(frozen=True, slots=True)
class Settings:
    """The operator's settings; `_us` are microseconds.

    `egress`: for each `TAG=VALUE` the upstreams that may see a request with that tag; `local` stands for all that are
    local when the request comes. `in_all`: the bytes of memory that all bodies and answers may take.
    """

    baseline: str
    default_policy: str
    config_digest: str
    entrypoints: Mapping[str, Entrypoint] = field(default_factory=dict)
    fail_closed: bool = False
    reply_model: str = "served"
    commit_s: float = 10.0
    ping_s: float = 15.0
    salt: bytes = b""
    egress: Mapping[str, frozenset[str]] = field(default_factory=dict)
    session_us: int = EXPIRES_US
    cache_us: int = CACHE_US
    in_all: int = IN_ALL
