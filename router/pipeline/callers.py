"""Upstreams whose row says `key: passthrough`: asked with the caller's own token, which stays the caller's secret."""

import orjson

from router.core.errors import UpstreamError, UpstreamRefused
from router.core.redact import spoken, without
from router.core.upstream import UpstreamSpec


def token_for(spec: UpstreamSpec, token: str) -> str:
    """What a call of this upstream is to carry; "" where its row has a key of its own, or none.

    Raises UpstreamRefused, 401, where it wants the caller's and there is none: then nothing is sent.
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


def own(spec: UpstreamSpec, token: str, error: UpstreamError) -> bool:
    """Whether `error` is about the caller's own token or account, and not about the upstream.

    A 401 or 403 is then marked as the caller's, so that it is returned as such. The token stands nowhere in what is
    told and logged of the error.
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
