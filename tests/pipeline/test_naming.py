"""Names that a client writes: what they mean, and where a request for an upstream goes."""

from dataclasses import replace
from typing import Any

import pytest

from policies.policy import Plan, Step
from router.core.entrypoint import Entrypoint
from router.core.errors import Forbidden, UnknownModel
from router.core.exchange import Exchange
from router.pipeline.deciding import choose_plan
from router.pipeline.dependencies import Dependencies
from router.pipeline.naming import resolve
from router.pipeline.options import RequestOptions
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import chat, opened_exchange


@pytest.fixture
def deps(scripted: Scripted, make_deps: MakeDeps) -> Dependencies:
    mail = {"mail": Entrypoint("balanced", "small")}
    return make_deps(scripted(), scripted(), settings={"entrypoints": mail})


@pytest.fixture
def paused(deps: Dependencies) -> Dependencies:
    return replace(deps, paused=lambda key: key == "ada")


def decided(deps: Dependencies, options: RequestOptions, **exchange: Any) -> tuple[Exchange, Plan]:
    told = opened_exchange(**exchange)
    return told, choose_plan(deps, told, chat(), options)


@pytest.mark.parametrize(
    ("model", "target"),
    [
        ("auto", Entrypoint("balanced", "big")),
        ("auto/balanced", Entrypoint("balanced", "big")),
        ("auto/", Entrypoint("balanced", "big")),
        ("mail", Entrypoint("balanced", "small")),
        ("small", "small"),
    ],
)
async def test_what_the_client_wrote_means_an_entrypoint_or_an_upstream(
    deps: Dependencies, model: str, target: Any
) -> None:
    assert resolve(deps, model, RequestOptions()) == target


async def test_a_header_may_name_the_upstream_and_wins_over_the_model(deps: Dependencies) -> None:
    assert resolve(deps, "auto", RequestOptions(upstream="big")) == "big"


@pytest.mark.parametrize(
    ("model", "options", "param"),
    [
        ("gpt-5", RequestOptions(), "model"),
        ("", RequestOptions(), "model"),
        ("autos", RequestOptions(), "model"),
        ("auto/nope", RequestOptions(), "model"),
        ("auto", RequestOptions(policy="nope"), "x-router-policy"),
        ("auto", RequestOptions(policy="nope", bound=True), "model"),
        ("auto", RequestOptions(upstream="nope"), "x-router-upstream"),
    ],
)
async def test_a_name_nobody_has_is_told_with_those_that_are(
    deps: Dependencies, model: str, options: RequestOptions, param: str
) -> None:
    with pytest.raises(UnknownModel) as raised:
        resolve(deps, model, options)
    assert raised.value.param == param
    assert "auto" in raised.value.message


def test_an_unknown_model_is_told_with_how_a_client_may_keep_its_name(deps: Dependencies) -> None:
    with pytest.raises(UnknownModel, match=r"does not exist here.*add it under `entrypoints:` in config\.yaml"):
        resolve(deps, "gpt-4o", RequestOptions())


async def test_an_upstream_asked_for_by_name_is_its_own_baseline_and_unjudged(deps: Dependencies) -> None:
    told, plan = decided(deps, options=RequestOptions(upstream="big"))
    assert (told.named, told.rule, told.baseline, told.policy) == (True, "named", "big", "")
    assert plan.steps == (Step("big"),)


async def test_a_remote_upstream_by_name_is_forbidden_to_who_must_stay_local(deps: Dependencies) -> None:
    with pytest.raises(Forbidden):
        decided(deps, options=RequestOptions(upstream="big", local_only=True))
    told, plan = decided(deps, options=RequestOptions(upstream="small", local_only=True))
    assert plan.local_only is told.local_only is True


async def test_a_pause_sends_even_who_names_an_upstream_to_the_baseline_and_says_why(paused: Dependencies) -> None:
    told, plan = decided(paused, RequestOptions(upstream="small"), key="ada")
    assert (plan.upstreams, told.plan) == (("big",), ("big",))
    assert (told.paused, told.mode, told.named, told.rule, told.baseline) == (True, "paused", True, "named", "big")
    assert [(reason["outcome"], reason["why"]) for reason in told.reasons] == [
        ("matched", "the client asked for 'small' by name"),
        ("overruled", "paused: the baseline answers until `smallfirst resume`"),
    ]


async def test_who_names_the_baseline_or_is_not_paused_gets_what_it_named(paused: Dependencies) -> None:
    told, plan = decided(paused, RequestOptions(upstream="big"), key="ada")
    assert (plan.upstreams, told.paused, len(told.reasons)) == (("big",), True, 1)
    told, plan = decided(paused, RequestOptions(upstream="small"), key="bob")
    assert (plan.upstreams, told.paused, told.mode) == (("small",), False, "act")


async def test_a_pause_leads_nobody_out_who_must_stay_local(paused: Dependencies) -> None:
    told, plan = decided(paused, RequestOptions(upstream="small", local_only=True), key="ada")
    assert (plan, told.paused) == (Plan((Step("small"),), local_only=True), True)
    with pytest.raises(Forbidden):
        decided(paused, RequestOptions(upstream="big", local_only=True), key="ada")


async def test_a_pause_swaps_no_maker_of_vectors(paused: Dependencies) -> None:
    told, plan = decided(paused, RequestOptions(upstream="small"), key="ada", dialect="embeddings")
    assert (plan.upstreams, told.paused) == (("small",), False)
