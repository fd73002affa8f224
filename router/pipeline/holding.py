"""What all calls together hold back for judges: a crowd of endless streams must not take all memory."""

HELD_LIMIT = 64 * 2**20  # bytes of one call
HELD_IN_ALL = 128 * 2**20


class Holding:
    """Counts the bytes that are held, and the calls that hold some. One call tells of itself what it has so far."""

    def __init__(self) -> None:
        self.bytes = 0
        self.calls = 0

    def take(self, kept: int, size: int) -> str | None:
        """Hold `size` bytes more for a call that has `kept`; why it may not go on, None where it may.

        Over the limit of all together those fail first that hold more than the mean, so that no small one does.
        """
        self.bytes += size
        self.calls += kept == 0
        kept += size
        if kept > HELD_LIMIT:
            return f"the stream is longer than {HELD_LIMIT:,} bytes, and is held"
        if self.bytes > HELD_IN_ALL and (kept * self.calls > self.bytes or self.bytes > 2 * HELD_IN_ALL):
            return f"the streams that are held take over {HELD_IN_ALL:,} bytes together, and this one many of them"
        return None

    def free(self, kept: int) -> None:
        """A call that had `kept` holds nothing any more."""
        self.bytes -= kept
        self.calls -= kept > 0
