"""What a client asked for beside the words and did not get: some servers pass over a field they do not know."""

from collections.abc import Iterator, Mapping
from typing import Any


def missing(request: Mapping[str, Any], choices: int, *, measured: bool) -> Iterator[str]:
    """What a whole answer to `request` lacks, in words; `choices` it has, 0 where that is not known.

    `measured`: its words came with log-probabilities, or there were none to measure.
    """
    wanted = request.get("n")
    if isinstance(wanted, int) and 0 < choices < wanted:
        yield f"{choices} of {wanted} choices came"
    if request.get("logprobs") is True and choices and not measured:
        yield "logprobs were asked for and none came"
