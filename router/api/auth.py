"""Who is asking: a virtual key, or, in the open mode, anyone on this machine who is no web page."""

import re
from collections.abc import Mapping
from functools import lru_cache
from hmac import compare_digest

from router.core.addresses import is_loopback
from router.core.errors import Forbidden, Unauthenticated
from router.core.keys import ANYONE, PREFIX, Key, digest

TOKEN_LIMIT = 16_384
HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+))(?::[0-9]{1,5})?")


def authenticate(headers: Mapping[str, str], keys: Mapping[str, Key]) -> Key:
    """The key in the Authorization header, or in x-api-key. Looked up by its digest, so no comparison leaks the key.

    Raises Unauthenticated. `keys` maps digests to keys that are not revoked.
    """
    tokens = _tokens(headers)
    if not tokens:
        raise Unauthenticated("No key. Send `Authorization: Bearer sf-…`; `smallfirst keys add NAME` makes one.")
    for token in tokens:
        looked_up = digest(token)
        key = keys.get(looked_up)
        if key is not None and compare_digest(key.digest, looked_up):
            return key
    raise Unauthenticated("This key is not known here, or was revoked. A new one is known within a second.")


def known_key(headers: Mapping[str, str], keys: Mapping[str, Key]) -> Key | None:
    """The key that was sent, if we know it: its policy and `local_only` hold in the open mode too."""
    tokens = _tokens(headers) if keys else ()
    return next((key for token in tokens if (key := keys.get(digest(token)))), None)


def own_token(headers: Mapping[str, str], keys: Mapping[str, Key], admin_key: str | None) -> str:
    """The caller's own token for an upstream that is asked with it; "" where it sent none.

    That is the one of its two headers that holds no key of ours: neither one that we mint, whether it is known or
    not, nor one that we took over, nor the operator's own. A token that no header can carry is none.
    """
    for token in _tokens(headers):
        ours = token.startswith(PREFIX) or token == admin_key or digest(token) in keys
        if not ours and len(token) <= TOKEN_LIMIT and token.isascii() and token.isprintable() and " " not in token:
            return token
    return ""


def _tokens(headers: Mapping[str, str]) -> tuple[str, ...]:
    """What the two headers that carry credentials hold, the bearer token first."""
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    named = headers.get("x-api-key", "").strip()
    bearer = bearer.strip() if scheme.lower() == "bearer" else ""
    return (bearer, named) if bearer and named else (bearer or named,) if bearer or named else ()


def guard_open_mode(headers: Mapping[str, str], *, has_body: bool) -> Key:
    """The key of the open mode, refused to browsers: a web page must not spend this machine's money.

    Demands a loopback Host (against DNS rebinding), no foreign Origin, and for bodies JSON as the
    content type, which no form can send without a preflight. Raises Forbidden saying which.
    """
    host = headers.get("host", "")
    if not _is_this_machine(host):
        raise Forbidden(
            f"In open mode only this machine may ask; the Host was {host!r}. Set `auth: required`.", code="host"
        )
    origin = headers.get("origin")
    if origin is not None and not is_loopback_origin(origin):
        raise Forbidden("In open mode web pages of other origins may not ask. Set `auth: required`.", code="origin")
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and content_type != "application/json":
        raise Forbidden(
            "Send the header `content-type: application/json`: in open mode a body of another type is refused, since "
            "any web page could send it.",
            code="content_type",
        )
    return ANYONE


@lru_cache(maxsize=64)
def _is_this_machine(host: str) -> bool:
    """Whether a Host, as RFC 9110 has it (a name and perhaps a port, nothing else), is one of this machine."""
    found = HOST.fullmatch(host)
    return found is not None and is_loopback((found[1] or found[2]).lower())


def is_loopback_origin(origin: str) -> bool:
    """Whether a page of this machine asks. One of an extension or an app is none."""
    scheme, _, host = origin.partition("://")
    return scheme in ("http", "https") and _is_this_machine(host)
