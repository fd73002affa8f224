"""The built-in world's upstreams."""

from decimal import Decimal

from router.config.world import builtin_world
from router.core.prices import FREE, PriceState


def test_three_tiny_models_run_here_and_are_free() -> None:
    upstreams = builtin_world().upstreams
    tiny = [upstreams[name] for name in ("small", "second", "third")]
    assert [spec.options["gguf"] for spec in tiny] == ["builtin:tiny-a", "builtin:tiny-b", "builtin:tiny-c"]
    assert all(spec.kind == "llamacpp" and spec.local and spec.price == FREE for spec in tiny)


def test_the_answer_sheet_is_the_baseline_and_priced_like_a_real_model() -> None:
    world = builtin_world()
    big = world.upstreams[world.baseline]
    assert (big.kind, big.options, big.local) == ("recorded", {"recording": "builtin"}, False)
    assert (big.price.state, big.price.input, big.price.output) == (PriceState.KNOWN, Decimal("2.50"), Decimal("10.00"))
