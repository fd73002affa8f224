"""Fixtures that stories and contract tests share."""

from collections.abc import Callable, Iterator

import pytest

from tests.standins.scripted import ScriptedUpstream

Scripted = Callable[..., ScriptedUpstream]


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """A maker of scripted upstreams: `small = scripted()`, `big = scripted(model="gpt-5.2")`."""
    made: list[ScriptedUpstream] = []

    def make(model: str = "scripted") -> ScriptedUpstream:
        made.append(ScriptedUpstream(model))
        return made[-1]

    yield make
    for upstream in made:
        upstream.close()
