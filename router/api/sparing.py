"""Keeps warnings that any client can cause from filling the log."""

import logging

EACH_S = 60.0


class Sparing(logging.Filter):
    """Lets one warning of each wording through a minute; the next says how many were left out.

    For loggers whose warnings tell of single connections. Errors, and whatever brings a traceback, are all let through.
    The wordings are the code's own, so there are few.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told_at: dict[str, float] = {}
        self._left_out: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged; adds the number left out to its words."""
        wording = record.msg
        if record.levelno != logging.WARNING or record.exc_info or not isinstance(wording, str):
            return True
        since = record.created - self._told_at.get(wording, float("-inf"))
        if 0 <= since < EACH_S:
            self._left_out[wording] = self._left_out.get(wording, 0) + 1
            return False
        self._told_at[wording] = record.created
        if count := self._left_out.pop(wording, 0):
            record.msg = f"{wording} ({count:,} more like it in the {since:.0f} s before)"
        return True
