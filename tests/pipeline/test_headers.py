"""What every reply says of itself: always the same seven, and the others only where they apply."""

from decimal import Decimal
from typing import Any

import pytest

from router.core.prices import UNKNOWN, Usage
from router.pipeline.headers import late_headers, response_headers
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import opened_exchange
from tests.store.records import NOON, opened

ALWAYS = {
    "x-request-id",
    "x-router-exchange",
    "x-router-upstream",
    "x-router-policy",
    "x-router-rule",
    "x-router-attempts",
    "x-router-overhead-ms",
}


async def test_seven_are_always_there(scripted: Scripted, make_deps: MakeDeps) -> None:
    said = response_headers(make_deps(scripted(), scripted()), opened_exchange(), NOON + 1_500, whole=False)
    assert set(said) == ALWAYS
    assert said["x-request-id"] == said["x-router-exchange"] == "0198-x"
    assert (said["x-router-policy"], said["x-router-attempts"], said["x-router-overhead-ms"]) == ("none", "0", "1.50")


@pytest.mark.parametrize(
    ("fields", "header", "value"),
    [
        ({"policy": "balanced", "policy_digest": "3fa9c1d2e3"}, "x-router-policy", "balanced@3fa9c1"),
        ({"escalated": "refusal"}, "x-router-escalated", "refusal"),
        ({"fallback": "429"}, "x-router-fallback", "429"),
        ({"degraded": True}, "x-router-degraded", "1"),
        ({"p_good": 0.81234}, "x-router-p-good", "0.8123"),
        ({"p_good": 0.0}, "x-router-p-good", "0.0000"),
        ({"cut": 0.7}, "x-router-cut", "0.7000"),
        ({"p_kept": 0.9}, "x-router-p-kept", "0.9000"),
        ({"certificate": "c1"}, "x-router-certificate", "c1"),
    ],
)
async def test_what_applies_is_said(
    fields: dict[str, Any], header: str, value: str, scripted: Scripted, make_deps: MakeDeps
) -> None:
    said = response_headers(make_deps(scripted(), scripted()), opened_exchange(**fields), NOON, whole=False)
    assert said[header] == value
    assert set(said) == ALWAYS | {header}


async def test_a_whole_reply_says_what_it_cost_to_the_nano_dollar(scripted: Scripted, make_deps: MakeDeps) -> None:
    spent = opened("x").finished(NOON, usage=Usage(input=1))
    exchange = opened_exchange(baseline="big", upstream="big", attempts=[spent])
    said = response_headers(make_deps(scripted(), scripted()), exchange, NOON, whole=True)
    assert Decimal(said["x-router-cost-usd"]) == Decimal("0.0000025")
    assert said["x-router-cost-usd"] == said["x-router-baseline-usd"] == "0.000002500"


async def test_an_unknown_cost_is_called_unknown_and_never_zero(scripted: Scripted, make_deps: MakeDeps) -> None:
    spent = opened("x", price=UNKNOWN).finished(NOON, usage=Usage(input=1))
    said = response_headers(
        make_deps(scripted(), scripted()), opened_exchange(baseline="gone", attempts=[spent]), NOON, whole=True
    )
    assert said["x-router-cost-usd"] == said["x-router-baseline-usd"] == "unknown"


@pytest.mark.parametrize("fields", [{"local_only": True, "baseline": "big"}, {"baseline": "big", "attempts": []}])
async def test_where_there_is_no_baseline_nothing_is_said_of_one(
    fields: dict[str, Any], scripted: Scripted, make_deps: MakeDeps
) -> None:
    spent = opened("x", "small").finished(NOON, usage=Usage(input=1))
    exchange = opened_exchange(**{"attempts": [spent], "upstream": "small", **fields})
    said = response_headers(make_deps(scripted(), scripted()), exchange, NOON, whole=True)
    assert "x-router-cost-usd" in said
    assert "x-router-baseline-usd" not in said


async def test_what_headers_could_not_say_is_one_comment_line(scripted: Scripted, make_deps: MakeDeps) -> None:
    line = late_headers(make_deps(scripted(), scripted()), opened_exchange(escalated="refusal"), NOON)
    assert line.startswith(b": x-request-id=0198-x; ")
    assert line.endswith(b"\n\n")
    assert line.count(b"\n") == 2
    assert b"; x-router-escalated=refusal" in line
