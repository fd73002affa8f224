"""How values are shown to people."""

import pytest

from policies.terms import Value, literal, show


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "unknown"),
        (True, "true"),
        (False, "false"),
        ("code", "'code'"),
        (12, "12"),
        (0.41, "0.41"),
        (1 / 3, "0.333333"),
    ],
)
def test_a_value_is_shown_as_a_policy_would_write_it(value: Value | None, shown: str) -> None:
    assert show(value) == shown


@pytest.mark.parametrize(("value", "kind"), [(True, "truth"), (1, "number"), (0.5, "number"), ("x", "text")])
def test_a_literal_knows_its_kind(value: Value, kind: str) -> None:
    assert literal(value).kind == kind
