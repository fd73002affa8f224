"""Reading a request body with a limit and a deadline."""

import asyncio
from collections.abc import Mapping

from starlette.types import Receive

from router.api.unpacking import encoding_of, unpacked
from router.core.errors import RequestError, TooLarge, TooSlow
from router.pipeline.intake import Share, weighed

READ_S = 60.0


class ClientLeft(RequestError):
    """The client closed its connection before the body was whole."""

    status = 499
    code = "client_closed_request"


async def read_body(
    receive: Receive, headers: Mapping[str, str], share: Share, *, patience_s: float | None = READ_S
) -> bytes:
    """The whole body, at most `share.body_limit` bytes; in `share` stands what it takes. `patience_s`: seconds it may
    take, None where it is known to be here, which spares most requests a timer. Raises TooLarge before reading all of
    one that is larger, Overloaded where all requests together take too much, TooSlow for one that does not come in
    time, ClientLeft when the connection closes. A compressed one is made plain; UnsupportedEncoding where that is not
    known here."""
    limit = share.body_limit
    encoding = encoding_of(named) if (named := headers.get("content-encoding")) else ""
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    try:
        if patience_s is None:
            body = await _read(receive, share)
        else:
            async with asyncio.timeout(patience_s):
                body = await _read(receive, share)
    except TimeoutError:
        raise TooSlow(f"The body did not arrive within {patience_s:.0f} s. Send it faster.") from None
    if encoding:
        body = await unpacked(body, encoding, limit)
        share.take(len(body))
    share.take(await weighed(body))
    return body


async def _read(receive: Receive, share: Share) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft("The connection closed before the body was whole.")
        part = message.get("body", b"")
        size += len(part)
        if size > share.body_limit:
            raise _too_large(share.body_limit)
        share.take(len(part))
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is over {limit >> 20} MB. Send less, or raise `limits: body_mb` in config.yaml.")
