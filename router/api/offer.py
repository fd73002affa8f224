"""A client's offer to go on in another protocol, taken out of a head however that is cut into packets.

Java's client offers HTTP/2 by default. Any offer may be ignored (RFC 9110, 7.8), but the parser would take what
follows for something else than HTTP, and then for requests of its own.
"""

import re

LINE, END = b"\r\n", b"\r\n\r\n"
OFFER = re.compile(rb"\r\nupgrade:[^\r\n]*(?=\r\n)", re.IGNORECASE)
# What such a line, or the end of the head, may begin with: too little yet to say which.
BEGUN = re.compile(
    rb"\r(\n(\r|u(p(g(r(a(d(e(:[^\r\n]*\r?)?)?)?)?)?)?)?)?)?\Z",
    re.IGNORECASE,
)
MAX_HELD = 1024  # bytes that wait


def without_offer(piece: bytes) -> tuple[bytes, bytes]:
    """A piece of a head without such a line; and what at its end waits for the next piece, to be put before that.

    Behind the end of the head nothing is touched.
    """
    size = piece.find(END)
    if size < 0:
        begun = BEGUN.search(piece, max(0, len(piece) - MAX_HELD))
        held = b"" if begun is None else begun[0]
        ended = held[: len(LINE)]  # a line before it has come to its end
        passed = OFFER.sub(b"", piece[: len(piece) - len(held)] + ended)
        return passed.removesuffix(ended), held
    if OFFER.search(piece, 0, size + len(LINE)) is None:
        return piece, b""
    return OFFER.sub(b"", piece[: size + len(LINE)]) + piece[size + len(LINE) :], b""
