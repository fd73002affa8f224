"""What the baseline would have cost: measured where it answered, predicted where it did not, unknown never zero."""

from dataclasses import replace
from decimal import Decimal

from msgspec import structs

from router.core.baseline import MEASURED, NONE, PREDICTED, baseline_cost
from router.core.exchange import Attempt, Exchange, Origin
from router.core.prices import UNKNOWN, Price, PriceState, Usage
from tests.store.records import NOON, PRICED, opened

DEARER = Price(PriceState.KNOWN, input=Decimal(5), output=Decimal(20))


def answered(upstream: str, usage: Usage | None) -> Attempt:
    return opened("x", upstream).finished(NOON + 1, status=200, usage=usage)


def exchange(*attempts: Attempt, upstream: str = "small") -> Exchange:
    return Exchange(id="x", started_at=NOON, baseline="big", upstream=upstream, attempts=list(attempts))


def test_an_answer_of_the_baseline_is_measured_at_what_it_cost() -> None:
    served = exchange(answered("big", Usage(input=1000, output=100)), upstream="big")
    assert baseline_cost(served, DEARER) == (Decimal("0.0035"), MEASURED)


def test_another_ones_tokens_at_the_baselines_price_are_an_assumption_and_no_prediction() -> None:
    served = exchange(answered("small", Usage(input=1000, output=100)))
    assert baseline_cost(served, PRICED) == (Decimal("0.0035"), PREDICTED)


def test_another_ones_cache_makes_the_baseline_no_cheaper() -> None:
    price = replace(PRICED, cached_input=Decimal(0))
    served = exchange(answered("small", Usage(input=200, cached=800, output=60, reasoning=40)))
    assert baseline_cost(served, price) == (Decimal("0.0035"), PREDICTED)


def test_the_answer_that_was_served_counts_and_not_a_later_call() -> None:
    served = exchange(
        answered("small", Usage(input=1000, output=100)), answered("other", Usage(input=9000, output=900))
    )
    assert baseline_cost(served, PRICED)[0] == Decimal("0.0035")


def test_calls_that_did_not_serve_the_client_are_no_evidence() -> None:
    shadow = structs.replace(answered("big", Usage(input=9000)), origin=Origin.SHADOW)
    served = exchange(answered("small", Usage(input=1000, output=100)), shadow)
    assert baseline_cost(served, PRICED) == (Decimal("0.0035"), PREDICTED)


def test_an_answer_of_a_panel_is_predicted_from_the_text_that_went_out_and_not_from_all_that_were_asked() -> None:
    asked = [
        structs.replace(answered(name, Usage(input=1000, output=tokens)), id=f"{name}-{tokens}", origin=Origin.PANEL)
        for name, tokens in (("small", 100), ("second", 700), ("small", 900))
    ]
    served = structs.replace(exchange(*asked), served="small-100")
    assert baseline_cost(served, PRICED) == (Decimal("0.0035"), PREDICTED)


def test_a_request_that_asked_nobody_has_nothing_to_compare() -> None:
    assert baseline_cost(exchange(), PRICED) == (None, NONE)


def test_what_must_stay_local_has_no_baseline() -> None:
    served = exchange(answered("small", Usage(input=1000, output=100)))
    served.local_only = True
    assert baseline_cost(served, PRICED) == (None, NONE)


def test_calls_without_usage_leave_the_baseline_unknown() -> None:
    assert baseline_cost(exchange(answered("small", None)), PRICED) == (None, PREDICTED)


def test_an_unknown_price_is_unknown_and_not_zero() -> None:
    assert baseline_cost(exchange(answered("small", Usage(input=1))), UNKNOWN) == (None, PREDICTED)


def test_the_baseline_would_have_obeyed_the_clients_limit() -> None:
    served = exchange(answered("small", Usage(input=1000, output=5000, reasoning=5000)))
    served.limit = 100
    assert baseline_cost(served, PRICED) == (Decimal("0.0035"), PREDICTED)


def test_what_a_failed_call_may_cost_is_no_evidence() -> None:
    lost = opened("x", "small").finished(NOON + 1, error="timeout_total", usage=Usage(input=1000, source="estimate"))
    assert baseline_cost(exchange(lost, upstream=""), PRICED) == (None, NONE)
    left = opened("x", "small").finished(NOON + 1, error="cancelled", usage=Usage(input=1000, output=100))
    assert baseline_cost(exchange(lost, left, upstream=""), PRICED) == (Decimal("0.0035"), PREDICTED)
    cut = structs.replace(lost, ttft_ms=5.0, error="stream_interrupted", usage=Usage(input=1000, output=100))
    assert baseline_cost(exchange(cut, upstream=""), PRICED) == (Decimal("0.0035"), PREDICTED)
