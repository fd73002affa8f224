"""The text that is written reads back as what was meant, whatever the names hold."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.config.migration.text import plainly, quoted, remarks
from router.core.errors import Problem, SetupError
from tests.config.migration.conftest import Move, taken_over

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
SAFE = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SAFE
@given(group=NAMES, model=NAMES)
def test_no_name_can_break_the_files(move: Move, group: str, model: str) -> None:
    text = (
        f"model_list:\n  - model_name: {quoted(group)}\n    litellm_params:\n      model: {quoted('openai/' + model)}\n"
    )
    unnamed = model.endswith("/") or "*" in group + model or "${" in model
    if unnamed or group == "auto" or group.startswith("auto/"):
        with pytest.raises(SetupError):
            taken_over(text)
        return
    config = move(text, OPENAI_API_KEY="k").config
    assert config.upstreams["big"].model == model
    assert config.entrypoints[group].baseline == "big"


def test_what_is_left_stands_at_the_end_on_lines_of_its_own() -> None:
    assert remarks([]) == ""
    (_, head, line) = remarks([Problem("f", 3, "a\nb", "why", "do")]).strip("\n").rpartition("\n")
    assert (head, line) == ("\n", "# f:3: a b: why; do")


def test_values_are_quoted_only_where_they_must_be() -> None:
    assert [plainly("gpt-4o"), plainly("4.5"), plainly("a: b"), plainly("${KEY}")] == [
        "gpt-4o",
        "'4.5'",
        "'a: b'",
        "${KEY}",
    ]
