"""Calls with the caller's own token, for upstreams whose row says `key: passthrough`. The token stays secret."""

import orjson

from router.core.errors import UpstreamError, UpstreamRefused
from router.core.redact import spoken, without
from router.core.upstream import UpstreamSpec


def token_for(spec: UpstreamSpec, token: str) -> str:
    """The token to send to this upstream; "" if its row has its own key, or none.

    Raises UpstreamRefused (401), before anything is sent, if the upstream needs the caller's token and there is none.
    """
    if not spec.passes_key:
        return ""
    if token:
        return token
    message = (
        f"upstream {spec.name!r} is asked with your own token: send it as `Authorization: Bearer …` or `x-api-key`, "
        "beside the key of this proxy if it wants one"
    )
    fields = {"message": message, "type": "authentication_error", "param": None, "code": "no_token"}
    body = orjson.dumps({"error": fields})
    error = UpstreamRefused(message, upstream=spec.name, upstream_status=401, code="no_token", body=body)
    error.callers = True
    raise error


def callers_own(spec: UpstreamSpec, token: str, error: UpstreamError) -> bool:
    """Whether `error` is about the caller's own token or account, and not about the upstream.

    Such an error is marked so that the caller gets the upstream's own status. The token is removed from its texts.
    """
    if not spec.passes_key:
        return False
    if token:
        error.message = spoken((token,), error.message)
        error.body = without((token,), error.body)
    if not isinstance(error, UpstreamRefused) or error.upstream_status not in (401, 402, 403, 429):
        return False
    error.callers = True
    return True
