"""Log-probabilities as servers really send them, and a reply as the client must see it."""

import json
import math
from typing import Any

import pytest

from router.core.logprobs import FLOOR, entropy, of_content, without, without_in_event


def entry(token: str, logprob: Any, **more: Any) -> dict[str, Any]:
    return {"token": token, "logprob": logprob, **more}


@pytest.mark.parametrize(
    ("entries", "values"),
    [
        ([entry("Paris", -0.1), entry(".", -0.2)], (-0.1, -0.2)),
        ([entry("Paris", -0.1), entry("", -7.0)], (-0.1,)),
        ([entry("Paris", -0.1), entry("<|im_end|>", -7.0)], (-0.1,)),
        ([entry("Paris", -0.1), entry("</s>", -7.0)], (-0.1,)),
        ([entry("Paris", -9999.0)], (FLOOR,)),
        ([entry("Paris", 1e-9)], (0.0,)),
        ([], None),
        ([entry("", -1.0)], None),
        ([entry("Paris", -0.1), entry("!", None)], None),
        ([entry("Paris", math.nan)], None),
        ([entry("Paris", 0.97)], None),
        ([{"token": "Paris"}], None),
    ],
)
def test_only_content_counts_and_what_is_absent_is_never_sure(
    entries: list[dict[str, Any]], values: tuple[float, ...] | None
) -> None:
    assert of_content(entries) == values


def test_the_entropy_of_a_coin_is_that_of_a_coin() -> None:
    half = [{"token": "a", "logprob": math.log(0.5)}, {"token": "b", "logprob": math.log(0.5)}]
    assert entropy([entry("a", -0.7, top_logprobs=half)]) == pytest.approx(math.log(2))
    assert entropy([entry("a", -0.7)]) is None


CHUNK = {"id": "x", "choices": [{"index": 0, "delta": {"content": "a"}, "logprobs": {"content": [entry("a", -1)]}}]}


def test_what_the_client_did_not_ask_for_it_does_not_see() -> None:
    seen = json.loads(without(json.dumps(CHUNK).encode()))
    assert seen["choices"][0]["logprobs"] is None
    assert seen["choices"][0]["delta"] == {"content": "a"}
    event = without_in_event(b"data: " + json.dumps(CHUNK).encode() + b"\n\n")
    assert event.startswith(b"data: {")
    assert event.endswith(b"}\n\n")
    assert json.loads(event[6:])["choices"][0]["logprobs"] is None


@pytest.mark.parametrize(
    "event", [b"data: [DONE]\n\n", b": ping\n\n", b'data: {"choices": []}\n\n', b"data: {broken\n\n"]
)
def test_other_events_keep_every_byte(event: bytes) -> None:
    assert without_in_event(event) == event
