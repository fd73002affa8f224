"""A compressed request body made plain, and never more of it than the limit allows."""

import asyncio
import zlib

from router.core.errors import BadRequest, TooLarge, UnsupportedEncoding

# By name: what zlib calls the form. `deflate` is written with a head of its own, and by some without.
FORMS = {"gzip": (31,), "deflate": (15, -15)}
TAKEN = "gzip, deflate"
# A body may unpack to this many times its size; a small one, whose size says little, to FREE bytes.
MAX_RATIO = 100
FREE = 2**20


def encoding_of(named: str) -> str:
    """Return the one compression that a `content-encoding` names, "" for none; raises UnsupportedEncoding."""
    names = [name for part in named.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    if not names:
        return ""
    if len(names) > 1 or names[0] not in FORMS:
        raise UnsupportedEncoding(
            f"A body compressed as {', '.join(names)[:60]!r} is not taken. Send gzip, deflate, or no content-encoding.",
            headers={"accept-encoding": TAKEN},
        )
    return names[0]


async def unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """Return *body* without its compression, worked out beside the loop.

    Raises TooLarge as soon as it grows over *limit* bytes, or over MAX_RATIO its own where that is more
    than FREE, whatever it would become, and BadRequest for one that is broken or ends early.
    """
    return await asyncio.to_thread(_unpacked, body, encoding, limit)


def _unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    wrong: zlib.error | None = None
    for form in FORMS[encoding]:
        try:
            return _inflated(body, form, limit)
        except zlib.error as error:
            wrong = wrong or error
    message = f"The body is not {encoding} as its content-encoding says. Send it whole, or uncompressed."
    raise BadRequest(message, param="content-encoding", code="invalid_encoding") from wrong


def _inflated(body: bytes, form: int, limit: int) -> bytes:
    plain, most = bytearray(), min(limit, max(FREE, MAX_RATIO * len(body)))
    while True:  # a gzip file may have several members
        stream = zlib.decompressobj(form)
        plain += stream.decompress(body, most + 1 - len(plain))
        if len(plain) > most:
            raise _too_large(limit, most)
        if not stream.eof:
            raise zlib.error("it ends early")
        body = stream.unused_data
        if not body:
            return bytes(plain)


def _too_large(limit: int, most: int) -> TooLarge:
    if most < limit:
        return TooLarge(f"The body unpacks to over {MAX_RATIO} times its size. Send it uncompressed.")
    return TooLarge(f"The body unpacks to over {limit >> 20} MB. Send less, or raise `limits: body_mb`.")
