"""Everything that can go wrong, as one small tree.

RouterError
├─ RequestError        the caller can mend it
│  ├─ BadRequest       400
│  ├─ Unauthenticated  401
│  ├─ Forbidden        403
│  ├─ UnknownModel     404
│  ├─ TooSlow          408
│  ├─ Conflict         409
│  ├─ TooLarge         413
│  ├─ UnsupportedEncoding 415
│  └─ Unprocessable    422
├─ UpstreamError       they failed; keeps the upstream, and the original as __cause__
│  ├─ UpstreamRefused  a 4xx, as the upstream said it (its 401 and 403 become our 502)
│  ├─ UpstreamFailed   502: a 5xx, a broken wire, an error inside the answer
│  │  └─ NoRoom        503: it answered, and there is no memory to keep the answer
│  ├─ UpstreamTimeout  504
│  └─ NotReady         503: loading, full, not recorded
│     └─ SpillSpent    503: what may be paid while the small one is unavailable is spent
├─ Overloaded          503: the requests under way take all memory that they may
├─ LedgerUnwritable    503: the journal takes no record and the operator asked to fail closed
├─ StoreUnavailable    503: the database does not answer; nothing journalled is lost
└─ SetupError          the operator can mend it; never over HTTP
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from policies.problems import Problem as Problem  # a mistake in a policy and in any other file is told alike

MAX_MESSAGE, MAX_PARAM = 10_000, 200  # characters: what clients and upstreams wrote may stand in them


class RouterError(Exception):
    """An expected failure that has a status, a type and a code in the client's dialect."""

    status: int = 500
    type: ClassVar[str] = "api_error"
    code: str | None = None
    param: str | None = None

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message[:MAX_MESSAGE]
        self.code = code or self.code
        self.param = param and param[:MAX_PARAM]
        self.headers: Mapping[str, str] = headers or {}


class RequestError(RouterError):
    """The caller can mend it."""

    status = 400
    type = "invalid_request_error"


class BadRequest(RequestError):
    """The body is not what the dialect allows; `param` names the place."""


class Unauthenticated(RequestError):
    """No key, or one we do not know."""

    status = 401
    type = "authentication_error"
    code = "invalid_api_key"


class Forbidden(RequestError):
    """The key, the origin or `local_only` does not allow it."""

    status = 403
    type = "permission_error"
    code = "forbidden"


class UnknownModel(RequestError):
    """No entrypoint, policy or upstream has that name."""

    status = 404
    code = "model_not_found"


class TooSlow(RequestError):
    """The body did not come in time."""

    status = 408
    code = "request_timeout"


class Conflict(RequestError):
    """The same request is still being carried out, or its answer was not kept."""

    status = 409


class Unprocessable(RequestError):
    """The idempotency key of a request was used for a different one."""

    status = 422


class TooLarge(RequestError):
    """The body is over the limit."""

    status = 413
    code = "request_too_large"


class UnsupportedEncoding(RequestError):
    """The body is compressed in a way that is not known here; `headers` names those that are."""

    status = 415
    param = "content-encoding"
    code = "unsupported_content_encoding"


class UpstreamError(RouterError):
    """An upstream did not answer.

    `upstream_status`: the HTTP status it sent, if any. `body`, `content_type`: its own words, so that a refusal can go
    back to the client unchanged. `machine`: which of its machines. `again`: the retry budget allows the same call once
    more. `final`: no other upstream may be asked. `received`: bytes of an answer that could not be used.
    """

    status = 502
    code = "upstream_error"
    again: bool = False
    final: bool = False
    received: int = 0

    def __init__(  # noqa: PLR0913 - an error is a record of what they said
        self,
        message: str,
        *,
        upstream: str,
        upstream_status: int | None = None,
        body: bytes = b"",
        content_type: str = "application/json",
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, code=code, headers=headers)
        self.upstream = upstream
        self.machine = ""
        self.upstream_status = upstream_status
        self.body = body
        self.content_type = content_type


class UpstreamRefused(UpstreamError):
    """A 4xx. 401 and 403 concern *our* key and become 502 `upstream_auth`; any other status is kept.

    `mendable`: it names what to leave out, so the request may be tried again without it. `callers`: it was asked with
    the caller's own token, so a 401 or 403 is the caller's.
    """

    type = "invalid_request_error"
    mendable: bool = False
    callers: bool = False

    @property
    def about_our_key(self) -> bool:
        """Whether the upstream rejected our credentials, which no client can mend."""
        return self.upstream_status in (401, 403) and not self.callers


class UpstreamFailed(UpstreamError):
    """A 5xx, a broken connection, or an answer that cannot be used.

    `unsent`: the connection broke before the first byte of an answer, so the same request may be tried again once.
    """

    code = "upstream_failed"
    unsent: bool = False


class NoRoom(UpstreamFailed):
    """It answered, and there is no memory to keep the answer: all requests and answers under way take what they may.

    The upstream is not to blame; `headers` say when to come back.
    """

    status = 503
    type = "service_unavailable"
    code = "overloaded"


class UpstreamTimeout(UpstreamError):
    """A phase (connect, first token, idle, total) took longer than its budget."""

    status = 504
    type = "timeout_error"
    code = "upstream_timeout"


class NotReady(UpstreamError):
    """Loading, full, stopped, or a recording that does not hold the question."""

    status = 503
    type = "service_unavailable"
    code = "not_ready"


class SpillSpent(NotReady):
    """The small model is unavailable, and the budget of the policy's `spill` is spent."""

    code = "spill_spent"


class Overloaded(RouterError):
    """The requests under way take all memory that they may; `headers` say when to come back."""

    status = 503
    type = "service_unavailable"
    code = "overloaded"


class LedgerUnwritable(RouterError):
    """The journal cannot take a record."""

    status = 503
    type = "service_unavailable"
    code = "ledger_unwritable"


class StoreUnavailable(RouterError):
    """The database cannot be used now: locked, unreachable or full. Journalled records wait."""

    status = 503
    type = "service_unavailable"
    code = "store_unavailable"


class SetupError(RouterError):
    """Something that the operator can mend; carries every problem found, not only the first.

    `files`: what the refused configuration names; a change of one may mend it.
    """

    def __init__(self, problems: Sequence[Problem], files: frozenset[Path] = frozenset()) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.message = str(self)  # whole: the operator reads it
        self.problems = tuple(problems)
        self.files = files
