"""What a client asked for and did not get: some servers silently ignore fields that they do not know."""

from collections.abc import Iterator, Mapping
from typing import Any


def missing(request: Mapping[str, Any], choices: int, *, measured: bool) -> Iterator[str]:
    """What a whole answer to `request` lacks, in words. `choices`: how many it has, 0 if that is unknown.

    `measured`: its text came with log-probabilities, or there was no text to measure.
    """
    wanted = request.get("n")
    if isinstance(wanted, int) and 0 < choices < wanted:
        yield f"{choices} of {wanted} choices came"
    if request.get("logprobs") is True and choices and not measured:
        yield "logprobs were asked for and none came"
