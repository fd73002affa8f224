"""Dependencies that are real parts: scripted upstreams over HTTP, a ledger in memory, a hand-wound clock."""

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from classifier.artifact import Classifier
from classifier.digests import model_digest
from router import judges
from router.core.ports import Upstream
from router.core.prices import FREE
from router.core.upstream import UpstreamSpec
from router.pipeline.dependencies import Dependencies
from router.pipeline.settings import Settings
from router.store.memory import MemoryStore
from router.upstreams import build
from tests.pipeline.parts import CASCADE, read_policy, tiny_classifier
from tests.standins.scripted import ScriptedUpstream
from tests.store.records import PRICED, Clock

MakeDeps = Callable[..., Dependencies]


@pytest.fixture
async def make_deps() -> AsyncIterator[MakeDeps]:
    """`deps = make_deps(small, big)`; more keywords replace fields, `settings=` some of its settings."""
    clock = Clock()
    store = MemoryStore(clock_us=clock)
    made: dict[str, Upstream] = {}

    def make(
        small: ScriptedUpstream, big: ScriptedUpstream, policy: str = CASCADE, settings: Any = None, **more: Any
    ) -> Dependencies:
        for name, upstream in (("small", small), ("big", big)):
            local = name == "small"
            price = FREE if local else PRICED
            spec = UpstreamSpec(name, "openai", f"{name}-model", upstream.url, local=local, context=4096, price=price)
            made[name] = build(spec)
        read = read_policy(policy, {name: upstream.spec for name, upstream in made.items()})
        chosen = Settings(baseline="big", default_policy=read.name, config_digest="0123456789ab", salt=b"salt")
        deps = Dependencies(
            settings=replace(chosen, **(settings or {})),
            upstreams=made,
            policies={read.name: read},
            judges=judges.build(judges.KINDS),
            store=store,
            clock_us=clock,
            random_bytes=os.urandom,
            digests={name: model_digest(upstream.spec.model) for name, upstream in made.items()},
        )
        return replace(deps, **more)

    yield make
    for upstream in made.values():
        await upstream.aclose()
    store.close()


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    """A real one, trained in a second."""
    return tiny_classifier()
