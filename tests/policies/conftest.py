"""What the policy tests stand on: the names of a small installation, and a policy of two lines."""

from collections.abc import Callable

import pytest

from policies.load import load_policy
from policies.names import Names
from policies.policy import Policy
from policies.problems import PolicyErrors, Problem

Load = Callable[[str], Policy]
Mistakes = Callable[[str], tuple[Problem, ...]]


@pytest.fixture
def names() -> Names:
    """Two local upstreams, one far away, and the signals that the tests mention."""
    return Names(
        signals=(
            *("p_good", "prompt_tokens", "max_tokens", "tools", "has_pii", "task", "local_only"),
            *("checkable", "local_models"),
        ),
        upstreams={"small": True, "tiny-a": True, "big": False},
        judges=("structure", "refusal", "loops", "verifier"),
        facts=("context", "supports_tools"),
    )


@pytest.fixture
def load(names: Names) -> Load:
    """Load a policy of the small installation."""
    return lambda text: load_policy(text, source="test.yaml", names=names)


@pytest.fixture
def mistakes(load: Load) -> Mistakes:
    """Return every problem of a policy that must not load."""

    def told(text: str) -> tuple[Problem, ...]:
        with pytest.raises(PolicyErrors) as caught:
            load(text)
        return caught.value.problems

    return told
