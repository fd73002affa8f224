"""Virtual keys: minted by us, shown once, kept as a digest."""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass

PREFIX = "sf-"


@dataclass(frozen=True, slots=True)
class Key:
    """A client we know. `policy` pins one; `local_only` may not be loosened by any header."""

    id: str
    name: str
    digest: str
    prefix: str = ""
    policy: str | None = None
    local_only: bool = False
    revoked: bool = False


ANYONE = Key(id="open", name="open", digest="")


def mint(random_bytes: bytes) -> str:
    """A new key's text from 32 random bytes. Raises ValueError on fewer: a short key can be guessed."""
    if len(random_bytes) < 32:
        raise ValueError("a key is made from 32 random bytes")
    return PREFIX + urlsafe_b64encode(random_bytes).rstrip(b"=").decode()


def digest(token: str) -> str:
    """What is stored and looked up: SHA-256 of the token, hex. The token itself has 256 bits of chance."""
    return hashlib.sha256(token.encode()).hexdigest()
