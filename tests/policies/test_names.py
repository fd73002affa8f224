"""Which keys a name in a condition is looked up under."""

import pytest

from policies.names import Names, keys_of
from policies.problems import Mistake


@pytest.mark.parametrize(
    ("name", "subject", "keys"),
    [
        ("tools", None, ("tools",)),
        ("cut", None, ("cut",)),
        ("keep_cut", "small", ("keep_cut",)),
        ("p_good", "small", ("p_good.small", "p_good")),
        ("p_good", None, ("p_good",)),
        ("p_good.small", None, ("p_good.small",)),
        ("small.context", None, ("small.context",)),
        ("tiny_a.context", None, ("tiny-a.context",)),
        ("p_good.tiny_a", None, ("p_good.tiny-a",)),
        ("tag.team", None, ("tag.team",)),
    ],
)
def test_a_known_name_gives_its_keys(names: Names, name: str, subject: str | None, keys: tuple[str, ...]) -> None:
    assert keys_of(name, names, subject) == keys


@pytest.mark.parametrize(
    ("name", "message", "remedy"),
    [
        ("p_god", "no signal is called 'p_god'", "did you mean 'p_good'?"),
        ("zzz", "no signal is called 'zzz'", "the signals are listed in docs/signals.md"),
        ("smal.context", "no upstream is called 'smal'", "did you mean 'small'?"),
        ("p_good.bigg", "no upstream is called 'bigg'", "did you mean 'big'?"),
        ("small.contxt", "upstream 'small' has no fact 'contxt'", "did you mean 'context'?"),
        ("small.context.x", "upstream 'small' has no fact 'context.x'", "did you mean 'context'?"),
    ],
)
def test_an_unknown_name_gives_its_nearest(names: Names, name: str, message: str, remedy: str) -> None:
    assert keys_of(name, names, None) == Mistake(message, remedy)
