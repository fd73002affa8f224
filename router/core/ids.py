"""Identifiers, made in one place: UUIDv7 (RFC 9562), so that rows sort by time."""

from collections.abc import Callable


def uuid7(now_us: int, random_bytes: Callable[[int], bytes]) -> str:
    """The canonical text of a UUIDv7 for `now_us` (microseconds since 1970, UTC).

    The twelve bits after the milliseconds carry the microseconds (RFC 9562, method 3), so ids made
    in one process sort in the order they were made down to a microsecond; 62 bits are random.
    """
    milliseconds, microseconds = divmod(now_us, 1000)
    version = 0x7000 | microseconds * 4096 // 1000
    tail = 0x8000_0000_0000_0000 | int.from_bytes(random_bytes(8)) & 0x3FFF_FFFF_FFFF_FFFF
    parts = (milliseconds >> 16, milliseconds & 0xFFFF, version, tail >> 48, tail & 0xFFFF_FFFF_FFFF)
    return "%08x-%04x-%04x-%04x-%012x" % parts  # noqa: UP031 - three of these a request: the quickest form
