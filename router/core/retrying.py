"""The headers by which SDKs decide whether and when to send a request again."""

from router.core.errors import LedgerUnwritable, NotReady, RouterError, StoreUnavailable, UpstreamRefused

SHOULD, AFTER, AFTER_MS = "x-should-retry", "retry-after", "retry-after-ms"
# What asking again cannot mend: SDKs would, since the status is a 429 or a 5xx.
HOPELESS = frozenset({"insufficient_quota", "not_recorded", "not_local", "no_model"})
SOON_S = 1


def retry_headers(error: RouterError) -> dict[str, str]:
    """The headers of `error`'s answer: those it came with, and those that its kind demands.

    An upstream that refuses *our* key will refuse it again. What is loading, full or locked is worth
    another try in a second, unless it said itself when.
    """
    headers = dict(error.headers)
    if error.code in HOPELESS or (isinstance(error, UpstreamRefused) and error.about_our_key):
        headers[SHOULD] = "false"
        headers.pop(AFTER, None)
        headers.pop(AFTER_MS, None)
    elif isinstance(error, NotReady | LedgerUnwritable | StoreUnavailable) and not headers.keys() & {AFTER, AFTER_MS}:
        headers |= {AFTER: str(SOON_S), AFTER_MS: str(SOON_S * 1000)}
    return headers
