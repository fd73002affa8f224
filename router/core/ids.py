"""Identifiers, made in one place: UUIDv7 (RFC 9562), so that rows sort by time."""

from collections.abc import Callable


def uuid7(now_us: int, random_bytes: Callable[[int], bytes]) -> str:
    """The canonical text of a UUIDv7 for `now_us` (microseconds since 1970, UTC).

    The twelve bits after the milliseconds carry the microseconds (RFC 9562, method 3), so ids made
    in one process sort in the order they were made down to a microsecond; 62 bits are random.
    """
    milliseconds, microseconds = divmod(now_us, 1000)
    fraction = microseconds * 4096 // 1000
    tail = int.from_bytes(random_bytes(8)) & 0x3FFF_FFFF_FFFF_FFFF
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | tail
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
