"""Virtual keys: minted by us, shown once, kept as a digest."""

import hashlib
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass

PREFIX = "sf-"
_SCOPE = re.compile(r"passthrough:(?:/?v1/)?/?([A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*)/?")


@dataclass(frozen=True, slots=True)
class Key:
    """A client we know.

    `policy`: the one that always decides for it. `local_only`: no header may loosen it. `scopes`: what it may do beyond
    asking models: `passthrough:PREFIX`.
    """

    id: str
    name: str
    digest: str
    prefix: str = ""
    policy: str | None = None
    local_only: bool = False
    scopes: tuple[str, ...] = ()

    def may_pass(self, path: str) -> bool:
        """Whether `path` (what follows /v1/) begins with a prefix that its scopes allow."""
        prefixes = (prefix_of(scope) for scope in self.scopes)
        return any(prefix and (path == prefix or path.startswith(f"{prefix}/")) for prefix in prefixes)


ANYONE = Key(id="open", name="open", digest="")


def mint(random_bytes: bytes) -> str:
    """A new key's text from 32 random bytes. Raises ValueError on fewer: a short key can be guessed."""
    if len(random_bytes) < 32:
        raise ValueError("a key is made from 32 random bytes")
    return PREFIX + urlsafe_b64encode(random_bytes).rstrip(b"=").decode()


def digest(token: str) -> str:
    """What is stored and looked up: SHA-256 of the token, hex. The token itself has 256 bits of chance."""
    return hashlib.sha256(token.encode()).hexdigest()


def prefix_of(scope: str) -> str | None:
    """The path prefix after /v1/ that a scope `passthrough:PREFIX` opens; None for what is no scope."""
    found = _SCOPE.fullmatch(scope)
    return found.group(1) if found else None
