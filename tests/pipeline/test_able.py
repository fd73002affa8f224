"""Steps that cannot are left out with their reason; when none can, the client is told what to do."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from policies.policy import Plan, Step
from router.core.errors import BadRequest
from router.core.exchange import Exchange
from router.pipeline.able import fits, keep_able
from tests.pipeline.parts import opened_exchange

SMALL, SECOND, BIG = Step("small", ("refusal",)), Step("second"), Step("big")
ROOM = {"prompt_tokens": 100, "max_tokens": 50}
BLIND = {"small": frozenset({"vision", "n"}), "second": frozenset({"vision"})}


def lacks(of: dict[str, frozenset[str]]) -> Any:
    return lambda name: of.get(name, frozenset())


def tried(
    plan: Plan,
    demanded: str,
    of: dict[str, frozenset[str]] = BLIND,
    instead: Plan | None = None,
    facts: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[Exchange, Plan]:
    told = opened_exchange(rule="otherwise", signals={**ROOM, **facts})
    return told, keep_able(told, plan, tuple(demanded.split()), lacks(of), instead)


def test_a_plan_that_can_stays_the_plan_it_was() -> None:
    plan = Plan((SMALL, BIG))
    told, kept = tried(plan, "tools")
    assert kept is plan
    assert (told.skipped, told.reasons) == ("", ())


def test_a_step_that_cannot_is_left_out_and_the_reason_is_written_down() -> None:
    told, kept = tried(Plan((SMALL, BIG)), "vision n")
    assert kept == Plan((BIG,))
    assert told.plan == ("big",)
    assert told.skipped == "small: vision n"
    (reason,) = told.reasons
    assert reason == {
        "rule": "otherwise",
        "outcome": "left out",
        "why": "'small' does not support images or several answers, which this request needs",
    }


def test_of_a_panel_those_stay_who_can() -> None:
    panel = Plan((Step("small", panel=("small", "second", "third")), BIG))
    assert tried(panel, "n")[1].steps[0] == Step("second", panel=("second", "third"))
    assert tried(panel, "vision")[1].steps[0] == Step("third")
    assert tried(Plan((Step("small", panel=("small", "second")), BIG)), "vision")[1] == Plan((BIG,))


def test_a_local_plan_stays_local_when_a_step_is_left_out() -> None:
    kept = tried(Plan((SMALL, SECOND), local_only=True), "n")[1]
    assert kept == Plan((SECOND,), local_only=True)


def test_where_the_baseline_cannot_the_policys_own_plan_is_tried() -> None:
    told, kept = tried(Plan((SMALL,)), "vision", instead=Plan((SMALL, BIG)))
    assert kept == Plan((BIG,))
    assert told.skipped == "small: vision"


def test_when_nobody_can_the_field_is_named() -> None:
    with pytest.raises(BadRequest) as refused:
        tried(Plan((SMALL, SECOND)), "vision")
    assert (refused.value.status, refused.value.code) == (400, "unsupported_parameter")
    assert refused.value.param == "messages"
    assert "'small' does not support images; 'second' does not support images" in refused.value.message


def test_the_field_named_is_the_one_that_everybody_lacks() -> None:
    with pytest.raises(BadRequest) as refused:
        tried(Plan((SMALL, SECOND)), "n vision", {**BLIND, "second": frozenset({"n"})})
    assert refused.value.param == "n"


def test_without_room_the_next_step_is_asked() -> None:
    told, kept = tried(Plan((SMALL, BIG)), "", facts={"small.context": 149})
    assert kept == Plan((BIG,))
    assert told.skipped == "small: context"
    assert told.reasons[0]["why"] == "'small' has no room in its window, which this request needs"


def test_a_prompt_that_may_fit_after_all_is_sent_where_nobody_surely_has_room() -> None:
    told, kept = tried(Plan((SMALL, BIG)), "", facts={"small.context": 40, "big.context": 90})
    assert kept == Plan((BIG,))
    assert told.skipped == "small: context"


def test_a_prompt_that_surely_fits_nobody_is_refused() -> None:
    with pytest.raises(BadRequest) as refused:
        tried(Plan((SMALL, BIG)), "", facts={"small.context": 40, "big.context": 60})
    assert (refused.value.code, refused.value.param) == ("context_length_exceeded", "messages")
    assert "about 100 tokens" in refused.value.message
    assert "has 60" in refused.value.message


@pytest.mark.parametrize(
    ("facts", "demanded", "fit"),
    [
        ({}, "", True),
        ({"small.context": 150}, "", True),
        ({"small.context": 149}, "", False),
        ({}, "vision", False),
        ({}, "tools", True),
        ({"small.ready": False}, "", False),
        ({"small.ready": None}, "", True),
        ({"big.ready": False}, "", True),
    ],
)
def test_a_plan_fits_where_window_abilities_and_health_let_it(facts: dict[str, Any], demanded: str, fit: bool) -> None:
    assert fits(Plan((SMALL,)), ROOM | facts, tuple(demanded.split()), lacks(BLIND)) is fit


def test_every_upstream_of_a_plan_must_fit() -> None:
    assert not fits(Plan((SMALL, BIG)), ROOM | {"big.ready": False}, (), lacks({}))
