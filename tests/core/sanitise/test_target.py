"""What targets take: ids by shape, fields by name or value, and defaults that are OpenAI's own."""

from dataclasses import replace

import pytest

from router.core.sanitise.calls import made
from router.core.sanitise.target import ANTHROPIC, MISTRAL, OPENAI, Target, digest_of
from tests.core.targets import TARGETS


@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
def test_an_id_made_for_a_target_fits_it(target: Target) -> None:
    assert target.ids.fit(made("functions.f:0", 0, target.ids.length))


@pytest.mark.parametrize(
    ("target", "fits", "does_not"), [(MISTRAL, "D681PevKs", "toolu_1"), (ANTHROPIC, "toolu_1", "functions.f:0")]
)
def test_an_id_fits_whole_or_not_at_all(target: Target, fits: str, does_not: str) -> None:
    assert target.ids.fit(fits)
    assert not target.ids.fit(does_not)
    assert not target.ids.fit("")


def test_a_rejected_field_is_refused_with_any_value() -> None:
    assert OPENAI.refuses({"top_k": 3, "temperature": 1}) == {"top_k"}


def test_a_refused_value_is_refused_whatever_the_order_of_its_keys() -> None:
    target = replace(OPENAI, refused={"reasoning": frozenset({digest_of({"a": 1, "b": 2})})})
    assert not target.takes("reasoning", {"b": 2, "a": 1})
    assert target.takes("reasoning", {"a": 1})
