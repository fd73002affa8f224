"""The kit: which upstreams are local, in the config's order."""

from tests.conftest import Scripted
from tests.pipeline.conftest import MakeKit


async def test_p_good_is_about_local_upstreams_and_no_other(scripted: Scripted, make_kit: MakeKit) -> None:
    kit = make_kit(scripted(), scripted())
    assert list(kit.upstreams) == ["small", "big"]
    assert kit.locals == ("small",)


async def test_nobody_is_paused_and_nobody_watches_unless_said(scripted: Scripted, make_kit: MakeKit) -> None:
    kit = make_kit(scripted(), scripted())
    assert kit.paused("anyone") is False
    assert (kit.observers, kit.classifier) == ((), None)


async def test_a_window_is_known_as_a_number_or_not_at_all(scripted: Scripted, make_kit: MakeKit) -> None:
    kit = make_kit(scripted(), scripted(), facts={"small.context": 4096, "big.context": None})
    assert [kit.window(name) for name in ("small", "big", "gone")] == [4096, None, None]
