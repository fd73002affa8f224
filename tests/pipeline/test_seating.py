"""The order of panel members that share a device."""

from dataclasses import replace
from typing import Any

import pytest

from policies.policy import Plan, Step
from router.core.exchange import Exchange
from router.pipeline.dependencies import Dependencies
from router.pipeline.seating import seated
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import opened_exchange

PANEL = Step("a", ("structure",), panel=("a", "b", "c"))
PLAN = Plan((PANEL, Step("big")))


@pytest.fixture
def deps(make_deps: MakeDeps, scripted: Scripted) -> Dependencies:
    made = make_deps(scripted(), scripted())
    object.__setattr__(made, "shared", {"a": "gpu0", "c": "gpu0"})
    return made


def asked(deps: Dependencies, plan: Plan = PLAN, **facts: Any) -> tuple[tuple[str, ...], Exchange]:
    exchange = opened_exchange(signals={name.replace("_", ".", 1): value for name, value in facts.items()})
    return seated(deps, exchange, plan).steps[0].panel, exchange


def test_whose_model_is_in_memory_goes_first_and_the_others_keep_their_places(deps: Dependencies) -> None:
    panel, exchange = asked(
        deps, a_resident=False, c_resident=True, a_answer_s=12.34, a_loads_in_s=11.0, c_answer_s=1.2
    )
    assert panel == ("c", "b", "a")
    assert exchange.plan == ("(c + b + a)[structure]", "big")
    assert exchange.reasons == (
        {
            "rule": "",
            "outcome": "seated",
            "why": "'c' is in the memory of gpu0 and 'a' is not: asked in the order c, a; an answer takes about 1.2 s "
            "of 'c' and about 12.3 s of 'a'",
        },
    )


def test_what_is_being_loaded_goes_before_what_is_not(deps: Dependencies) -> None:
    panel, exchange = asked(deps, a_resident=False, c_resident=False, c_loading=True, a_loads_in_s=9.0)
    assert panel == ("c", "b", "a")
    assert "'c' is being loaded into the memory of gpu0" in exchange.reasons[0]["why"]
    assert exchange.reasons[0]["why"].endswith("its usual time of 'c' and 9.0 s of loading and more of 'a'")


@pytest.mark.parametrize(
    "facts",
    [
        {"a_resident": True, "c_resident": True},
        {"a_resident": False, "c_resident": False},
        {"a_resident": False},
        {"c_resident": True},
        {"a_resident": True, "c_resident": False},
        {},
    ],
    ids=["both", "neither", "one-unknown", "other-unknown", "in-order", "nothing-known"],
)
def test_where_no_load_is_saved_nobody_changes_places(deps: Dependencies, facts: dict[str, Any]) -> None:
    panel, exchange = asked(deps, **facts)
    assert (panel, exchange.reasons, exchange.plan) == (("a", "b", "c"), (), ())


def test_a_panel_that_is_asked_at_once_and_a_step_alone_stay_as_they_are(deps: Dependencies) -> None:
    at_once = Plan((replace(PANEL, ask="at_once"),))
    assert asked(deps, at_once, a_resident=False, c_resident=True)[0] == ("a", "b", "c")
    assert asked(deps, Plan((Step("a"),)), a_resident=False, c_resident=True)[0] == ()
