"""A client that leaves cancels the upstream call, and the row is still written."""

import contextlib

import httpx
import pytest

from tests.conftest import OpenHouse, Scripted

PASS_ON = """
policy: balanced
otherwise: {plan: [small, big]}
"""


@pytest.mark.parametrize("stream", [False, True], ids=["waiting", "streaming"])
def test_leaving_hangs_up_on_the_upstream(stream: bool, scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    if stream:
        small.stalls(after=2)
    else:
        small.hangs()
    house = open_house({"small": small, "big": big}, policy=PASS_ON)
    body = {"model": "auto", "stream": stream, "messages": [{"role": "user", "content": "hi"}]}

    impatient = httpx.Client(base_url=house.url, timeout=httpx.Timeout(30, read=0.5), trust_env=False)
    with impatient, contextlib.suppress(httpx.ReadTimeout):
        impatient.post("/v1/chat/completions", json=body)

    small.hangups.wait()
    house.close()
    (exchange,) = house.reopened("exchanges")
    assert exchange["outcome"] == "aborted"
    (attempt,) = house.reopened("attempts")
    assert attempt["error"] == "cancelled"
    assert big.requests == []
