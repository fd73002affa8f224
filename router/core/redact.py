"""Keeping an upstream's secrets out of what it says."""

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import lru_cache
from urllib.parse import unquote

from router.core.addresses import split_url
from router.core.upstream import UpstreamSpec

SHOWN = "[key]"
SECRET_WORDS = ("key", "auth", "token", "secret", "cookie", "passw", "credential", "signature")
PUBLIC = frozenset(
    "accept accept-encoding accept-language content-type user-agent "
    "anthropic-version anthropic-beta openai-beta".split()
)
"""Headers whose values everybody knows, and answers are full of."""
MIN_CHARS = 8
"""Characters of a value that is a secret for all we know, where its name does not say so."""
MAX_CHARS = 256
"""A secret of more characters is only looked for as it is."""
_BREAKS = re.compile(r"[\s;,=]+")


def redacted(spec: UpstreamSpec, text: bytes) -> bytes:
    """`text` with `[key]` in the place of every secret of this upstream's row, however it is written."""
    return without(secrets(spec), text)


def without(secrets: Sequence[str], text: bytes) -> bytes:
    """`text` with `[key]` in the place of each of `secrets`, JSON's escapes (also inside one another) and an
    address' seen through. Time grows with the length of `text`."""
    for secret in secrets:
        text = text.replace(secret.encode(), SHOWN.encode())
    if b"\\" in text or b"%" in text:
        for secret in secrets:
            if len(secret) <= MAX_CHARS:
                text = _written(secret).sub(SHOWN.encode(), text)
    return text


def spoken(secrets: Sequence[str], value: str) -> str:
    """A header's value without them."""
    for secret in secrets:
        if secret in value:
            value = value.replace(secret, SHOWN)
    return value


def secrets(spec: UpstreamSpec) -> list[str]:
    """The secrets of a row, longest first: the key, what its address holds before the `@`, every
    header that is not public, and parameters and options whose name says that they hold a secret."""
    return sorted({secret for secret in _found(spec) if secret}, key=len, reverse=True)


def _found(spec: UpstreamSpec) -> Iterator[str]:
    yield spec.key or ""
    options = [(name, value) for name, value in spec.options.items() if isinstance(value, str)]
    for url in (spec.url, *spec.urls, *(value for _, value in options)):
        yield from _in_address(url)
    yield from (value for name, value in (*spec.query.items(), *options) if _is_secret(name))
    for name, value in spec.headers.items():
        pieces = (value, *_BREAKS.split(value))  # a cookie's value, a token behind its scheme
        if _is_secret(name):
            yield value
        if name.lower() not in PUBLIC:
            yield from (piece for piece in pieces if len(piece) >= MIN_CHARS)


def _is_secret(name: str) -> bool:
    return name.lower() == "sig" or any(word in name.lower() for word in SECRET_WORDS)


def _in_address(url: str) -> Iterator[str]:
    """The user and password in a URL, and the form they are sent in (RFC 7617)."""
    parts = split_url(url)
    if parts is None or not parts.username:
        return
    user, password = unquote(parts.username), unquote(parts.password or "")
    secret = parts.password or parts.username
    yield from (secret, unquote(secret), b64encode(f"{user}:{password}".encode()).decode())


@lru_cache(maxsize=64)
def _written(secret: str) -> "re.Pattern[bytes]":
    """`secret` as it may be written: each letter itself or escaped, behind at most eight backslashes."""
    return re.compile("".join(map(_letter, secret)).encode())


def _letter(letter: str) -> str:
    escaped = "|".join(["u" + _any_case(f"{ord(letter):04x}"), re.escape(letter)])
    addressed = "".join(f"%{_any_case(f'{byte:02x}')}" for byte in letter.encode())
    return rf"(?:\\{{0,8}}(?:{escaped})|{addressed})"


def _any_case(digits: str) -> str:
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)
