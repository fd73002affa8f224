"""A machine without llama.cpp is told what it lacks, and the one command that mends it."""

import sys

import pytest

from router.cli.local import UNPLAYED, UNSERVED, refuse_without_llama
from router.core.errors import Problem, SetupError


@pytest.mark.parametrize("problem", [UNPLAYED, UNSERVED])
def test_what_cannot_run_says_which_command_mends_it(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(SetupError, match=r'is not installed; run `pip install "smallfirst\[local\]"`') as raised:
        refuse_without_llama(problem)
    assert "config.yaml:" not in str(raised.value)


def test_where_it_is_installed_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", sys)
    refuse_without_llama(UNPLAYED)
