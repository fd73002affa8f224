"""The configuration that `init` writes reads back as what was found."""

import pytest

from router.config.discover import Discovery, Found, Place, chosen, upstream_of
from router.config.providers import PROVIDERS, KeySeen
from router.config.starter import starter_config
from router.config.world import World, builtin_world
from router.core.entrypoint import Entrypoint
from router.core.prices import FREE
from tests.config.conftest import Desk

NOTHING = Discovery((), builtin_world(), ())
OPENAI, CLAUDE = KeySeen(PROVIDERS[0], "…WXYZ"), KeySeen(PROVIDERS[1], "…1234")


def found(*models: str, context: int | None = None) -> Discovery:
    place = Place("server", "http://127.0.0.1:8000/v1", context)
    offered = tuple(Found(place, model, None) for model in models)
    upstreams = {name: upstream_of(name, one) for name, one in chosen(offered).items()}
    return Discovery(offered, World(upstreams), ())


def test_where_nothing_is_found_it_goes_on_looking(desk: Desk) -> None:
    config = desk.load(starter_config(NOTHING, ()))
    assert (config.discover, config.warnings) == (True, ())


def test_two_local_models_become_small_and_big(desk: Desk) -> None:
    config = desk.load(starter_config(found("a-model", "b-model", context=4096), ()))
    small, big = config.upstreams["small"], config.upstreams["big"]
    assert (small.model, big.model, small.context, small.local, small.price) == ("a-model", "b-model", 4096, True, FREE)
    assert config.warnings == ()


def test_a_provider_key_becomes_big_by_reference_only(desk: Desk) -> None:
    text = starter_config(found("a-model"), (OPENAI, CLAUDE))
    assert "WXYZ" not in text
    config = desk.load(text, OPENAI_API_KEY="sk-of-mine")
    assert (config.upstreams["big"].key, config.upstreams["big"].url) == ("sk-of-mine", PROVIDERS[0].url)
    assert config.upstreams["big"].price.words.startswith("known (smallfirst ")
    assert config.warnings == ()
    assert "ANTHROPIC_API_KEY" in text


def test_clients_of_the_provider_may_keep_the_name_they_write(desk: Desk) -> None:
    config = desk.load(starter_config(found("a-model"), (OPENAI,)), OPENAI_API_KEY="sk-of-mine")
    assert config.entrypoints == {PROVIDERS[0].model: Entrypoint("balanced", "big")}
    assert desk.load(starter_config(found("a-model"), ())).entrypoints == {}


def test_a_provider_key_without_a_local_model_gets_a_builtin_stand_in_for_small(desk: Desk) -> None:
    config = desk.load(starter_config(NOTHING, (OPENAI,)), OPENAI_API_KEY="sk-of-mine")
    assert config.upstreams["small"].options == {"gguf": "builtin:tiny-a"}
    assert list(config.upstreams) == ["small", "big"]


@pytest.mark.parametrize(
    "name", ['with "quotes"', "a: b # c", "{x}", "ünïcode/模型", "'", "\\", "4.5", "null", "x" * 300]
)
def test_a_model_name_cannot_break_the_file(desk: Desk, name: str) -> None:
    assert desk.load(starter_config(found(name), ())).upstreams["small"].model == name


def test_claude_is_asked_by_anthropics_own_api(desk: Desk) -> None:
    assert "kind: anthropic" in starter_config(NOTHING, (CLAUDE,))
    assert "Anthropic would be {kind: anthropic," in starter_config(NOTHING, (OPENAI, CLAUDE))
