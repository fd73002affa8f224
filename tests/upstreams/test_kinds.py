"""Kinds found by name, or imported as written."""

import pytest

from router.core.errors import SetupError
from router.upstreams import KINDS, build
from router.upstreams.openai_compatible import OpenAICompatible
from tests.upstreams.conftest import Built


class OfMyOwn(OpenAICompatible):
    """A kind that is not in the house."""


def test_the_kinds_of_the_house_are_named(built: Built) -> None:
    assert set(KINDS) >= {"openai", "anthropic", "ollama", "llamacpp", "recorded"}
    assert isinstance(built(url="http://127.0.0.1:1/v1"), OpenAICompatible)


def test_a_kind_of_ones_own_is_imported_as_written(built: Built) -> None:
    kind = f"{OfMyOwn.__module__}:{OfMyOwn.__name__}"
    assert type(built(kind=kind, url="http://127.0.0.1:1/v1")).__name__ == "OfMyOwn"


@pytest.mark.parametrize("kind", ["opnai", "no_such_module:Kind", "json:NoSuchClass", "json", ":", ""])
def test_a_kind_that_cannot_be_found_is_a_mistake_in_the_config(kind: str, built: Built) -> None:
    with pytest.raises(SetupError, match=r"upstreams\.small\.kind.*openai, anthropic, ollama, .*llamacpp, recorded"):
        built(kind=kind)


def test_building_opens_no_connection() -> None:
    from router.core.upstream import UpstreamSpec

    assert build(UpstreamSpec("small", "openai", "m", url="http://127.0.0.1:1/v1")).spec.name == "small"
