"""What requests depend on: which upstreams are local, in the config's order."""

from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps


async def test_p_good_is_about_local_upstreams_and_no_other(scripted: Scripted, make_deps: MakeDeps) -> None:
    deps = make_deps(scripted(), scripted())
    assert list(deps.upstreams) == ["small", "big"]
    assert deps.locals == ("small",)


async def test_nobody_is_paused_and_nobody_watches_unless_said(scripted: Scripted, make_deps: MakeDeps) -> None:
    deps = make_deps(scripted(), scripted())
    assert deps.paused("anyone") is False
    assert (deps.observers, deps.classifier) == ((), None)


async def test_a_window_is_known_as_a_number_or_not_at_all(scripted: Scripted, make_deps: MakeDeps) -> None:
    deps = make_deps(scripted(), scripted(), facts={"small.context": 4096, "big.context": None})
    assert [deps.window(name) for name in ("small", "big", "gone")] == [4096, None, None]
