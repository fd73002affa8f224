"""Limits the bytes that all calls hold back for judges, so that endless streams cannot take all memory."""

HELD_LIMIT = 64 * 2**20  # bytes of memory for one call
HELD_IN_ALL = 128 * 2**20
AN_EVENT = 104  # bytes that an event takes beside its own, with its text in the gathered answer
MEASURED = 5  # an event with log-probabilities, which judges read, takes this many times its bytes


class Holding:
    """Counts the bytes that are held, and the calls that hold some. Each call keeps count of its own."""

    def __init__(self) -> None:
        self.bytes = 0
        self.calls = 0

    def take(self, kept: int, size: int) -> str | None:
        """Hold `size` more bytes for a call that holds `kept`. Returns why the call must end, or None.

        If all calls together are over their limit, those that hold more than the mean fail first.
        """
        crowds = self.crowds(kept, size, HELD_IN_ALL)
        if kept + size > HELD_LIMIT:
            return f"the stream takes over {HELD_LIMIT:,} bytes, the most that is held back for judges"
        if crowds:
            return f"all streams held back for judges take over {HELD_IN_ALL:,} bytes, and this one more than most"
        return None

    def crowds(self, kept: int, size: int, limit: int) -> bool:
        """Hold `size` more bytes for a holder of `kept`. Returns whether all together are over `limit` and this one is
        over the mean, or all are over twice the limit."""
        self.bytes += size
        self.calls += kept == 0
        kept += size
        return self.bytes > limit and (kept * self.calls > self.bytes or self.bytes > 2 * limit)

    def free(self, kept: int) -> None:
        """Note that a call which held `kept` bytes holds none any more."""
        self.bytes -= kept
        self.calls -= kept > 0


def weight_of(event: bytes, said: bytes) -> int:
    """The bytes of memory that an event takes while it is held: what is `said` to the client, and what judges read."""
    return len(said) + AN_EVENT + (MEASURED * len(event) if b'"top_logprobs"' in event else 0)
