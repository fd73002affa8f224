"""What all calls together hold back for judges: a crowd of endless streams must not take all memory."""

HELD_LIMIT = 64 * 2**20  # bytes of memory for one call
HELD_IN_ALL = 128 * 2**20
AN_EVENT = 104  # bytes that an event takes beside its own, with its text among those that are put together
MEASURED = 5  # times its bytes an event takes that carries log-probabilities, which judges read


class Holding:
    """Counts the bytes that are held, and the calls that hold some. One call tells of itself what it has so far."""

    def __init__(self) -> None:
        self.bytes = 0
        self.calls = 0

    def take(self, kept: int, size: int) -> str | None:
        """Hold `size` bytes more for a call that has `kept`; why it may not go on, None where it may.

        Over the limit of all together those fail first that hold more than the mean, so that no small one does.
        """
        crowds = self.crowds(kept, size, HELD_IN_ALL)
        if kept + size > HELD_LIMIT:
            return f"the stream takes over {HELD_LIMIT:,} bytes, and is held"
        if crowds:
            return f"the streams that are held take over {HELD_IN_ALL:,} bytes together, and this one many of them"
        return None

    def crowds(self, kept: int, size: int, limit: int) -> bool:
        """Hold `size` bytes more for one that has `kept`; whether all together have more than `limit`, and this one
        more than the mean."""
        self.bytes += size
        self.calls += kept == 0
        kept += size
        return self.bytes > limit and (kept * self.calls > self.bytes or self.bytes > 2 * limit)

    def free(self, kept: int) -> None:
        """A call that had `kept` holds nothing any more."""
        self.bytes -= kept
        self.calls -= kept > 0


def weight_of(event: bytes, said: bytes) -> int:
    """The bytes of memory that are held for an event: what is `said` to the client of it, and what is read in it."""
    return len(said) + AN_EVENT + (MEASURED * len(event) if b'"top_logprobs"' in event else 0)
