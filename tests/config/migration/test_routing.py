"""Who follows whom, as LiteLLM's two sections say it."""

from decimal import Decimal

from router.config.migration.routing import Routing, read_routing
from tests.config.migration.conftest import Read


def routing(read: Read, text: str) -> Routing:
    top = read(text)
    return read_routing(top.part("litellm_settings"), top.part("router_settings"))


def test_chains_are_read_from_both_sections_and_the_routers_go_first(read: Read) -> None:
    found = routing(
        read,
        """
litellm_settings:
  fallbacks: [{a: [b]}, {c: [d, {model: e, messages: []}]}]
  default_fallbacks: [z]
router_settings:
  fallbacks: [{a: [x, y]}]
  context_window_fallbacks:
    - a: [long]
""",
    )
    assert (found.after("a"), found.after("c"), found.after("other")) == (("x", "y"), ("d", "e"), ("z",))
    assert found.overflows == {"a": ("long",)}
    assert found.lines["e"] == 3


def test_a_chain_for_any_name_goes_before_the_default_one(read: Read) -> None:
    found = routing(read, "litellm_settings: {fallbacks: [{'*': [b]}], default_fallbacks: [z]}")
    assert found.after("a") == ("b",)


def test_other_names_are_plain_or_hidden(read: Read) -> None:
    found = routing(read, "router_settings: {model_group_alias: {gpt-4: gpt-4o, old: {model: gpt-4o, hidden: true}}}")
    assert found.aliases == {"gpt-4": "gpt-4o", "old": "gpt-4o"}


def test_a_cooldown_becomes_a_breaker(read: Read) -> None:
    found = routing(read, "router_settings: {allowed_fails: 3, cooldown_time: 30, timeout: 20, stream_timeout: 5}")
    assert found.breaker == {"failures": Decimal(4), "open_s": Decimal(30)}
    assert found.timeout == {"total_s": Decimal(20), "first_token_s": Decimal(5)}
    never = routing(read, "router_settings: {allowed_fails: 3, disable_cooldowns: true}")
    assert never.breaker == {"failures": Decimal(0)}


def test_chains_in_another_shape_are_told(read: Read) -> None:
    top = read("litellm_settings: {fallbacks: {a: [b]}}")
    part = top.part("litellm_settings")
    assert read_routing(part, top.part("router_settings")).fallbacks == {}
    assert [note.path for note in top.left.notes] == ["litellm_settings.fallbacks"]
