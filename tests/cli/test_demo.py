"""`smallfirst demo`: questions played, graded and reported, and nothing left behind."""

from router.cli import demo
from tests.cli.conftest import Shell


def test_it_reports_what_it_played_and_names_no_id_that_is_gone_with_its_ledger(shell: Shell) -> None:
    said = shell.run(demo, "demo", "--once", "--questions", "60")
    assert said.status == 0, said.err
    assert "Playing 45 questions of the kinds it was taught and 15 shifted ones" in said.out
    assert "worst slice" in said.out
    assert "against the random mix" in said.out
    assert "smallfirst explain" not in said.out
