"""What stays here whatever the client names."""

from dataclasses import replace

import pytest

from router.core.entrypoint import Entrypoint
from router.core.errors import Forbidden
from router.core.exchange import Reason
from router.pipeline.calls import OpenCall
from router.pipeline.deciding import choose_plan
from router.pipeline.dependencies import Dependencies
from router.pipeline.options import RequestOptions
from router.pipeline.planned_call import PlannedCall
from router.pipeline.staying import allowed, governing_policy, must_stay
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import chat, opened_exchange, read_policy

PRIVATE = """
policy: private
rules:
  - {name: stays-home, when: has_pii, plan: [small], local_only: true}
otherwise: {plan: [big]}
"""
LOOSE = "policy: loose\notherwise: {plan: [small, big]}\n"
CARD = "My card is 4111 1111 1111 1111"


@pytest.fixture
def deps(scripted: Scripted, make_deps: MakeDeps) -> Dependencies:
    """A private policy in force, and a loose one that a client may name."""
    made = make_deps(scripted(), scripted(), PRIVATE)
    loose = read_policy(LOOSE, {name: upstream.spec for name, upstream in made.upstreams.items()})
    return make_deps(scripted(), scripted(), PRIVATE, policies={**made.policies, "loose": loose})


def test_only_a_policy_with_a_rule_that_keeps_here_stands(deps: Dependencies) -> None:
    assert governing_policy(deps, "auto") is deps.policies["private"]
    assert governing_policy(deps, "anything") is deps.policies["private"]


def test_what_is_unknown_stays(deps: Dependencies) -> None:
    policy = deps.policies["private"]
    assert must_stay(policy, {"has_pii": True})
    assert must_stay(policy, {"has_pii": None})
    assert must_stay(policy, {})
    assert not must_stay(policy, {"has_pii": False})


@pytest.mark.parametrize("body", [{"model": "auto"}, {"model": "auto/loose"}, {"model": "auto/private"}])
def test_no_model_name_leads_a_card_out(deps: Dependencies, body: dict[str, str]) -> None:
    exchange = opened_exchange()
    plan = choose_plan(deps, exchange, chat(CARD, **body), RequestOptions())
    assert (plan.upstreams, exchange.local_only) == (("small",), True)


def test_no_header_leads_a_card_out(deps: Dependencies) -> None:
    exchange = opened_exchange()
    plan = choose_plan(deps, exchange, chat(CARD), RequestOptions(policy="loose"))
    assert (plan.upstreams, exchange.local_only) == (("small",), True)


@pytest.mark.parametrize("options", [RequestOptions(upstream="big"), RequestOptions()])
def test_an_upstream_named_directly_gets_no_card_unless_it_is_local(
    deps: Dependencies, options: RequestOptions
) -> None:
    with pytest.raises(Forbidden) as raised:
        choose_plan(deps, opened_exchange(), chat(CARD, model="big"), options)
    assert raised.value.code == "local_only"
    exchange = opened_exchange()
    assert choose_plan(deps, exchange, chat(CARD, model="small"), RequestOptions()).upstreams == ("small",)
    assert exchange.local_only


def test_what_holds_nothing_goes_where_the_client_names_it(deps: Dependencies) -> None:
    assert choose_plan(deps, opened_exchange(), chat("hello", model="big"), RequestOptions()).upstreams == ("big",)
    assert choose_plan(deps, opened_exchange(), chat("hello"), RequestOptions(policy="loose")).upstreams == (
        "small",
        "big",
    )


def test_the_operators_own_word_stands_for_an_entrypoint_and_for_a_key(deps: Dependencies) -> None:
    deps.settings.entrypoints["open"] = Entrypoint("loose", "big")  # type: ignore[index]
    assert choose_plan(deps, opened_exchange(), chat(CARD, model="open"), RequestOptions()).upstreams == (
        "small",
        "big",
    )
    bound = RequestOptions(policy="loose", bound=True)
    assert choose_plan(deps, opened_exchange(), chat(CARD), bound).upstreams == ("small", "big")


def test_a_pause_leads_no_card_out(deps: Dependencies, scripted: Scripted, make_deps: MakeDeps) -> None:
    paused = make_deps(scripted(), scripted(), PRIVATE, paused=lambda key: True)
    assert choose_plan(paused, opened_exchange(), chat(CARD), RequestOptions()).upstreams == ("small",)
    assert choose_plan(paused, opened_exchange(), chat("hello"), RequestOptions()).upstreams == ("big",)


def test_nobody_looks_where_no_policy_reads_what_would_be_found(scripted: Scripted, make_deps: MakeDeps) -> None:
    plain = make_deps(scripted(), scripted())
    exchange = opened_exchange()
    choose_plan(plain, exchange, chat(CARD), RequestOptions())
    assert "has_pii" not in exchange.signals
    assert plain.detecting == frozenset()


LEGAL = RequestOptions(tags={"team": "legal"})


def limited(deps: Dependencies, *names: str) -> Dependencies:
    return replace(deps, settings=replace(deps.settings, egress={"team=legal": frozenset(names)}))


def test_a_tag_is_seen_by_its_list_alone(scripted: Scripted, make_deps: MakeDeps) -> None:
    deps = make_deps(scripted(), scripted(), LOOSE)
    exchange = opened_exchange()
    assert choose_plan(limited(deps, "small"), exchange, chat("hello"), LEGAL).upstreams == ("small",)
    assert exchange.local_only
    exchange = opened_exchange()
    assert choose_plan(limited(deps, "big"), exchange, chat("hello"), LEGAL).upstreams == ("big",)
    assert not exchange.local_only
    assert choose_plan(limited(deps, "small"), opened_exchange(), chat("hello"), RequestOptions()).upstreams == (
        "small",
        "big",
    )


def test_several_lines_are_all_obeyed(scripted: Scripted, make_deps: MakeDeps) -> None:
    deps = make_deps(scripted(), scripted(), LOOSE)
    both = {"team=legal": frozenset({"small", "big"}), "data=health": frozenset({"small"})}
    deps = replace(deps, settings=replace(deps.settings, egress=both))
    assert allowed(deps, {"team": "legal", "data": "health"}) == frozenset({"small"})
    assert allowed(deps, {"team": "search"}) is None


@pytest.mark.parametrize("tags", [{"Team": "legal"}, {"team": "LEGAL"}, {"team": '"legal"'}, {"team": "search,Legal"}])
def test_no_capital_and_no_quote_leads_around_a_line(tags: dict[str, str], deps: Dependencies) -> None:
    assert allowed(limited(deps, "small"), tags) == frozenset({"small"})


def test_a_line_and_a_tag_may_write_an_accent_in_two_ways(deps: Dependencies) -> None:
    listed = replace(
        deps, settings=replace(deps.settings, egress={"team=mu\N{COMBINING DIAERESIS}nchen": frozenset({"small"})})
    )
    assert allowed(listed, {"team": "m\xfcnchen"}) == frozenset({"small"})


@pytest.mark.parametrize("model", ["big", "auto"])
def test_what_fits_nowhere_is_refused(model: str, scripted: Scripted, make_deps: MakeDeps) -> None:
    deps = make_deps(scripted(), scripted(), "policy: loose\notherwise: {plan: [big]}\n")
    with pytest.raises(Forbidden):
        choose_plan(limited(deps, "small"), opened_exchange(), chat("hello", model=model), LEGAL)


def test_the_list_is_held_once_more_where_a_call_is_sent(scripted: Scripted, make_deps: MakeDeps) -> None:
    deps = limited(make_deps(scripted(), scripted()), "small")
    planned = PlannedCall(number=0, step=0, upstream="big", reason=Reason.FALLBACK, held=True)
    with pytest.raises(Forbidden) as raised:
        OpenCall(deps, opened_exchange(tags={"team": "legal"}), chat(), planned)
    assert raised.value.code == "egress"
    assert deps.store.find("attempts") == []


def test_local_in_a_list_is_who_is_local_now(deps: Dependencies) -> None:
    listed = replace(deps, settings=replace(deps.settings, egress={"team=legal": frozenset({"local"})}))
    assert allowed(listed, {"team": "legal"}) == frozenset({"small"})
    away = replace(listed, facts={"small.cloud": "ollama.com"})
    assert allowed(away, {"team": "legal"}) == frozenset()
    with pytest.raises(Forbidden):
        choose_plan(away, opened_exchange(), chat("hello"), RequestOptions(tags={"team": "legal"}))
