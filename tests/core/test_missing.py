"""What an answer lacks of what was asked for."""

from typing import Any

import pytest

from router.core.missing import missing


@pytest.mark.parametrize(
    ("request_", "choices", "measured", "lacks"),
    [
        ({"n": 3, "logprobs": True}, 2, False, ["2 of 3 choices came", "logprobs were asked for and none came"]),
        ({"n": 2, "logprobs": True}, 2, True, []),
        ({"n": 2}, 0, False, []),
        ({"n": "2", "logprobs": 1}, 1, False, []),
        ({}, 1, False, []),
    ],
)
def test_what_did_not_come_is_told_where_somebody_counted(
    request_: dict[str, Any], choices: int, measured: bool, lacks: list[str]
) -> None:
    assert list(missing(request_, choices, measured=measured)) == lacks
