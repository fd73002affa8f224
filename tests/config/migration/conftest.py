"""A litellm.yaml to be taken over."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from router.config import Config
from router.config.document import read_document
from router.config.migration.part import Leftovers, Part
from router.config.migration.taking import Migrated, take_over
from router.config.world import builtin_world
from router.core.errors import Problem
from router.runtime.policybook import load_policies
from tests.config.conftest import Desk


@dataclass(frozen=True, slots=True)
class Moved:
    """What a file became, and the configuration that this reads as."""

    taken: Migrated
    config: Config

    def told(self, path: str) -> Problem:
        """The one thing left at *path*."""
        (only,) = (note for note in self.taken.left if note.path == path)
        return only


Move = Callable[..., Moved]
Read = Callable[[str], Part]


def taken_over(text: str) -> Migrated:
    return take_over(text.encode(), "litellm.yaml", builtin_world().upstreams["small"])


@pytest.fixture
def move(tmp_path: Path) -> Move:
    """Take a file over, and read what was made of it, policies and all, as `check` does."""

    def moved(text: str, **environ: str) -> Moved:
        taken = taken_over(text)
        (tmp_path / "policies").mkdir(exist_ok=True)
        for name, policy in taken.policies.items():
            (tmp_path / "policies" / f"{name}.yaml").write_text(policy, encoding="utf-8")
        config = Desk(tmp_path).load(taken.config, **environ)
        load_policies(config, config.upstreams)
        return Moved(taken, config)

    return moved


@pytest.fixture
def read() -> Read:
    """A text as the mapping it holds; what is left of it gathers in `.left`."""
    return lambda text: Part(read_document(text.encode(), "litellm.yaml"), "", Leftovers("litellm.yaml"))
