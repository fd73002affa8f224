"""What the headers of one request ask of the router."""

from collections.abc import Mapping

from msgspec import Struct, field

from router.core.privacy.detect import Found


class RequestOptions(Struct, frozen=True):
    """What the client's headers ask of the router. They can tighten the key's rules, never loosen them.

    `bound`: `policy` is the key's own, and not the client's choice. `found`: what the detectors find in the request, if
    it was searched beforehand.
    """

    policy: str | None = None
    bound: bool = False
    upstream: str | None = None
    local_only: bool = False
    session: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    traceparent: str | None = None
    client_retry: int = 0
    found: Found | None = None
