"""Which upstream makes the vectors."""

from dataclasses import replace

import pytest

from router.core.errors import BadRequest, UnknownModel
from router.pipeline.deciding import Wishes
from router.pipeline.embedding import for_vectors
from router.pipeline.kit import Entrypoint, Kit
from router.upstreams import build
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeKit
from tests.pipeline.parts import read_policy

BOTH = frozenset({"chat", "embeddings"})


def speaking(kit: Kit, **speaks: frozenset[str]) -> Kit:
    """The kit with upstreams that speak these; they open nothing, so nothing need be closed."""
    made = {name: build(replace(kit.upstreams[name].spec, speaks=spoken)) for name, spoken in speaks.items()}
    return replace(kit, upstreams={**kit.upstreams, **made})


@pytest.fixture
async def kit(scripted: Scripted, make_kit: MakeKit) -> Kit:
    return speaking(make_kit(scripted(), scripted()), small=BOTH, big=BOTH)


async def test_the_upstream_named_makes_them_by_its_own_name_or_its_models(kit: Kit) -> None:
    for asked in ("big", "big-model"):
        assert for_vectors(kit, asked, Wishes()).upstream == "big"
    assert for_vectors(kit, "auto", Wishes(upstream="big")).upstream == "big"


async def test_an_entrypoint_means_its_baseline_where_that_can(kit: Kit) -> None:
    settings = replace(kit.settings, entrypoints={"ada-2": Entrypoint("balanced", "big")})
    assert for_vectors(replace(kit, settings=settings), "ada-2", Wishes()).upstream == "big"


async def test_else_the_first_that_can_and_first_of_all_one_that_does_nothing_else(kit: Kit) -> None:
    assert for_vectors(kit, "auto", Wishes(policy="balanced")) == Wishes(upstream="small")
    assert for_vectors(speaking(kit, big=frozenset({"embeddings"})), "auto", Wishes()).upstream == "big"
    assert for_vectors(replace(kit, facts={"small.ready": False}), "auto", Wishes()).upstream == "big"


async def test_local_only_leaves_only_local_ones(kit: Kit) -> None:
    assert for_vectors(replace(kit, facts={"small.ready": False}), "auto", Wishes(local_only=True)).upstream == "small"
    with pytest.raises(BadRequest):
        for_vectors(speaking(kit, small=frozenset({"chat"})), "auto", Wishes(local_only=True))


async def test_a_key_whose_own_policy_keeps_things_here_gets_local_vectors(kit: Kit) -> None:
    rule = "{name: stays, when: tools > 0, plan: [small], local_only: true}"
    home = f"policy: home\nrules: [{rule}]\notherwise: {{plan: [small]}}\n"
    read = read_policy(home, {name: upstream.spec for name, upstream in kit.upstreams.items()})
    bound = Wishes(policy="home", bound=True)
    kit = replace(kit, policies={**kit.policies, "home": read}, facts={"small.ready": False})
    assert for_vectors(kit, "auto", bound) == Wishes(upstream="small", bound=True, local_only=True)


async def test_tags_say_who_may_see_the_texts(kit: Kit) -> None:
    kit = replace(kit, settings=replace(kit.settings, egress={"team=legal": frozenset({"big"})}))
    assert for_vectors(kit, "auto", Wishes(tags={"team": "legal"})).upstream == "big"


async def test_a_name_nobody_has_is_unknown_and_where_nobody_can_it_says_so(kit: Kit) -> None:
    with pytest.raises(UnknownModel):
        for_vectors(kit, "gpt-9", Wishes())
    with pytest.raises(BadRequest) as error:
        for_vectors(speaking(kit, small=frozenset({"chat"}), big=frozenset({"chat"})), "auto", Wishes())
    assert "speaks" in error.value.message
