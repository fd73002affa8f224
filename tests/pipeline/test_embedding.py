"""Which upstream makes the vectors."""

from dataclasses import replace

import pytest

from router.core.entrypoint import Entrypoint
from router.core.errors import BadRequest, UnknownModel
from router.pipeline.dependencies import Dependencies
from router.pipeline.embedding import embedding_options
from router.pipeline.options import RequestOptions
from router.upstreams import build
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import read_policy

BOTH = frozenset({"chat", "embeddings"})


def speaking(deps: Dependencies, **speaks: frozenset[str]) -> Dependencies:
    """`deps` with upstreams that speak these; they open nothing, so nothing need be closed."""
    made = {name: build(replace(deps.upstreams[name].spec, speaks=spoken)) for name, spoken in speaks.items()}
    return replace(deps, upstreams={**deps.upstreams, **made})


@pytest.fixture
async def deps(scripted: Scripted, make_deps: MakeDeps) -> Dependencies:
    return speaking(make_deps(scripted(), scripted()), small=BOTH, big=BOTH)


async def test_the_upstream_named_makes_them_by_its_own_name_or_its_models(deps: Dependencies) -> None:
    for asked in ("big", "big-model"):
        assert embedding_options(deps, asked, RequestOptions()).upstream == "big"
    assert embedding_options(deps, "auto", RequestOptions(upstream="big")).upstream == "big"


async def test_an_entrypoint_means_its_baseline_where_that_can(deps: Dependencies) -> None:
    settings = replace(deps.settings, entrypoints={"ada-2": Entrypoint("balanced", "big")})
    assert embedding_options(replace(deps, settings=settings), "ada-2", RequestOptions()).upstream == "big"


async def test_else_the_first_that_can_and_first_of_all_one_that_does_nothing_else(deps: Dependencies) -> None:
    assert embedding_options(deps, "auto", RequestOptions(policy="balanced")) == RequestOptions(upstream="small")
    assert embedding_options(speaking(deps, big=frozenset({"embeddings"})), "auto", RequestOptions()).upstream == "big"
    assert embedding_options(replace(deps, facts={"small.ready": False}), "auto", RequestOptions()).upstream == "big"


async def test_local_only_leaves_only_local_ones(deps: Dependencies) -> None:
    assert (
        embedding_options(replace(deps, facts={"small.ready": False}), "auto", RequestOptions(local_only=True)).upstream
        == "small"
    )
    with pytest.raises(BadRequest):
        embedding_options(speaking(deps, small=frozenset({"chat"})), "auto", RequestOptions(local_only=True))


async def test_a_key_whose_own_policy_keeps_things_here_gets_local_vectors(deps: Dependencies) -> None:
    rule = "{name: stays, when: tools > 0, plan: [small], local_only: true}"
    home = f"policy: home\nrules: [{rule}]\notherwise: {{plan: [small]}}\n"
    read = read_policy(home, {name: upstream.spec for name, upstream in deps.upstreams.items()})
    bound = RequestOptions(policy="home", bound=True)
    deps = replace(deps, policies={**deps.policies, "home": read}, facts={"small.ready": False})
    assert embedding_options(deps, "auto", bound) == RequestOptions(upstream="small", bound=True, local_only=True)


async def test_tags_say_who_may_see_the_texts(deps: Dependencies) -> None:
    deps = replace(deps, settings=replace(deps.settings, egress={"team=legal": frozenset({"big"})}))
    assert embedding_options(deps, "auto", RequestOptions(tags={"team": "legal"})).upstream == "big"


async def test_a_name_nobody_has_is_unknown_and_where_nobody_can_it_says_so(deps: Dependencies) -> None:
    with pytest.raises(UnknownModel):
        embedding_options(deps, "gpt-9", RequestOptions())
    with pytest.raises(BadRequest) as error:
        embedding_options(speaking(deps, small=frozenset({"chat"}), big=frozenset({"chat"})), "auto", RequestOptions())
    assert "speaks" in error.value.message
