"""What is not taken over: each with a reason and something to do."""

import re
from pathlib import Path

import pytest

from router.config.migration import fates
from router.config.migration.fates import Fates

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("told", [fates.PARAMS, fates.LITELLM, fates.ROUTER, fates.GENERAL, fates.TOP])
def test_each_says_why_and_what_to_do_and_names_pages_that_are_there(told: Fates) -> None:
    for message, remedy in told.values():
        assert message
        assert remedy
        assert [page for page in re.findall(r"docs/([\w-]+\.md)", remedy) if not (DOCS / page).exists()] == []


def test_nothing_is_both_told_and_passed_over_in_silence() -> None:
    pairs = [
        (fates.PARAMS, fates.QUIET_PARAMS),
        (fates.LITELLM, fates.QUIET_LITELLM),
        (fates.ROUTER, fates.QUIET_ROUTER),
        (fates.GENERAL, fates.QUIET_GENERAL),
    ]
    assert [sorted(set(told) & quiet) for told, quiet in pairs] == [[], [], [], []]
