"""Fixtures that stories and contract tests share."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.standins.scripted import ScriptedUpstream

if TYPE_CHECKING:
    from tests.standins.house import House

Scripted = Callable[..., ScriptedUpstream]
OpenHouse = Callable[..., "House"]


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


@pytest.fixture
def open_house(tmp_path: Path) -> Iterator[OpenHouse]:
    """A maker of running proxies: `house = open_house({"small": small, "big": big})`."""
    from tests.standins.house import House, write_house

    opened: list[House] = []

    def make(upstreams: dict[str, ScriptedUpstream], **how: str) -> House:
        opened.append(House(write_house(tmp_path, upstreams, **how)))
        return opened[-1]

    yield make
    for house in opened:
        house.close()
