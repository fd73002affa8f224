"""Who is asking: a virtual key, or, in the open mode, anyone on this machine who is no web page."""

from collections.abc import Mapping
from functools import lru_cache
from hmac import compare_digest
from ipaddress import ip_address
from urllib.parse import urlsplit

from router.core.errors import Forbidden, Unauthenticated
from router.core.keys import ANYONE, Key, digest


def authenticate(headers: Mapping[str, str], keys: Mapping[str, Key]) -> Key:
    """The key in the Authorization header. Looked up by its digest, so no comparison leaks the key.

    Raises Unauthenticated. `keys` maps digests to keys that are not revoked.
    """
    token = _token(headers)
    if not token:
        raise Unauthenticated("No key. Send `Authorization: Bearer sf-…`; `smallfirst keys add NAME` makes one.")
    looked_up = digest(token)
    key = keys.get(looked_up)
    if key is None or not compare_digest(key.digest, looked_up):
        raise Unauthenticated(
            "This key is not known here, or was revoked. `smallfirst keys list` shows the known ones."
        )
    return key


def known_key(headers: Mapping[str, str], keys: Mapping[str, Key]) -> Key | None:
    """The key that was sent, if it is one of ours: its policy and `local_only` hold in the open mode too."""
    token = _token(headers) if keys else ""
    return keys.get(digest(token)) if token else None


def _token(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "").strip()


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
        raise Forbidden("In open mode the content type must be application/json.", code="content_type")
    return ANYONE


@lru_cache(maxsize=64)
def _is_this_machine(host: str) -> bool:
    return _loopback(_host_of(f"//{host}"))


def _host_of(address: str) -> str:
    """The host in `address`, "" where it holds none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def is_loopback_origin(origin: str) -> bool:
    """Whether a page of this machine asks."""
    return _loopback(_host_of(origin))


def _loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
