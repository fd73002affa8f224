"""Random bytes for ids, fetched from the system a page at a time."""

from collections.abc import Callable

PAGE = 4096


def paged(source: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """Random bytes from `source`, each handed out once.

    Every request needs two ids, and a system call for each would cost more than the rest of making them. This is for
    ids only: secrets, such as keys, must come from the system directly.
    """
    page, at = b"", 0

    def random_bytes(n: int) -> bytes:
        nonlocal page, at
        if at + n > len(page):
            page, at = source(max(n, PAGE)), 0
        at += n
        return page[at - n : at]

    return random_bytes
