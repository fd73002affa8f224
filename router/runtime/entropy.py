"""Randomness for ids: the system's own, fetched a page at a time."""

from collections.abc import Callable

PAGE = 4096


def paged(source: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """Random bytes from `source`, each handed out once.

    Two ids a request would be two system calls, which cost more than everything else about them. For
    ids only: what must stay secret (a key) is asked of the system itself.
    """
    page, at = b"", 0

    def random_bytes(n: int) -> bytes:
        nonlocal page, at
        if at + n > len(page):
            page, at = source(max(n, PAGE)), 0
        at += n
        return page[at - n : at]

    return random_bytes
