"""The table of docs/faults.md, row by row: each fault is brought about, and what is seen is what the page says."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.standins.dying import TASKS
from tests.standins.faults import FAULTS, REAL
from tests.standins.stage import Seen, Stage, staged

PAGE = (Path(__file__).parents[2] / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = {
    fault: Seen(client, ledger)
    for fault, client, ledger in re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_seen_of_a_fault_is_what_the_page_says(fault: str, tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        assert FAULTS[fault](stage) == ROWS[fault]


@pytest.mark.skipif(not TASKS.exists(), reason="NOT TESTED: no /proc here")
@pytest.mark.parametrize("fault", REAL)
def test_what_is_seen_of_a_real_server_that_is_killed_is_what_the_page_says(
    fault: str, tmp_path: Path, tiny_gguf: Path
) -> None:
    play: Callable[[Stage, Path], Seen] = REAL[fault]
    with staged(tmp_path) as stage:
        assert play(stage, tiny_gguf) == ROWS[fault]


def test_the_page_has_every_fault_and_no_other() -> None:
    assert set(ROWS) - {"fault"} == {*FAULTS, *REAL}
