"""Who a server is, by its row, its probe or its address, and what follows from that."""

from typing import Any

import pytest

from router.core.capabilities import CAPABILITIES
from router.core.families import FAMILIES, family_of, traits_of
from router.core.sanitise.target import BOTH
from router.core.upstream import Quirks, UpstreamSpec, UpstreamState


def spec(url: str = "http://127.0.0.1:8000/v1", **more: Any) -> UpstreamSpec:
    return UpstreamSpec("up", more.pop("kind", "openai"), "m", url, **more)


@pytest.mark.parametrize(
    ("row", "state", "family"),
    [
        (spec(), None, ""),
        (spec(), UpstreamState(server="vllm"), "vllm"),
        (spec(quirks=Quirks(family="sglang")), UpstreamState(server="vllm"), "sglang"),
        (spec(kind="llamacpp"), None, "llama.cpp"),
        (spec(kind="ollama"), UpstreamState(server="ollama"), "ollama-api"),
        (spec(), UpstreamState(server="a server of tomorrow"), ""),
        (spec("https://api.openai.com/v1"), None, "openai"),
        (spec("https://eu.api.openai.com/v1"), None, "openai"),
        (spec("https://mine.openai.azure.com/openai/v1"), None, "azure"),
        (spec("https://api.openai.com.evil.example/v1"), None, ""),
        (spec("https://api.mistral.ai/v1"), None, "mistral"),
    ],
)
def test_the_row_goes_before_the_probe_and_the_probe_before_the_address(
    row: UpstreamSpec, state: UpstreamState | None, family: str
) -> None:
    assert family_of(row, state) == family


def test_a_stranger_is_spoken_to_as_it_comes_and_believed_to_do_everything() -> None:
    traits = traits_of(spec(), None)
    assert (traits.target, traits.lacks) == (None, frozenset())


def test_a_list_written_by_hand_is_the_whole_truth() -> None:
    state = UpstreamState(server="vllm", supports={"vision": True, "tools": False})
    assert traits_of(spec(supports=frozenset({"tools"})), state).lacks == CAPABILITIES.keys() - {"tools"}


def test_what_was_found_is_laid_over_what_the_family_lacks() -> None:
    state = UpstreamState(server="ollama", supports={"n": True, "vision": False})
    lacks = traits_of(spec(), state).lacks
    assert "vision" in lacks
    assert "n" not in lacks
    assert "web_search" in lacks


def test_what_a_row_says_is_lacking_is_lacking_whatever_was_found() -> None:
    row = spec(quirks=Quirks(lacks=frozenset({"vision"})))
    assert "vision" in traits_of(row, UpstreamState(supports={"vision": True})).lacks


def test_quirks_change_the_target_and_nothing_else_of_it() -> None:
    row = spec(quirks=Quirks(limit="max_tokens", rejects=frozenset({"store"})))
    target = traits_of(row, UpstreamState(server="vllm")).target
    assert target is not None
    assert (target.limit, target.rejects, target.developer) == ("max_tokens", frozenset({"store"}), False)
    stranger = traits_of(spec(quirks=Quirks(developer="system")), None).target
    assert stranger is not None
    assert (stranger.developer, stranger.limit, stranger.rejects) == (False, BOTH, frozenset())
    kept = traits_of(spec(quirks=Quirks(family="vllm", developer="keep")), None).target
    assert kept is not None
    assert kept.developer is True


def test_every_family_lacks_only_what_there_is() -> None:
    assert {name: traits.lacks - CAPABILITIES.keys() for name, traits in FAMILIES.items() if traits.lacks} == {
        name: frozenset() for name, traits in FAMILIES.items() if traits.lacks
    }
    assert [name for name, traits in FAMILIES.items() if traits.family != name] == []
