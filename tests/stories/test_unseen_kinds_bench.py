"""The command that leaves kinds out of training: what it keeps of them, with forms told apart and without."""

from collections.abc import Sequence
from dataclasses import replace

from bench.unseen_kinds import KINDS, LEVELS, held_out, kind_of, line, table, together
from classifier.label import Label
from classifier.train import Settings
from tests.classifier.test_train import labels

QUICK = Settings(trees=20, min_child=5)
TOOLS = [{"type": "function", "function": {"name": "add", "parameters": {}}}]


def easy(n: int) -> list[Label]:
    """Sums that the small model can do, and riddles it cannot."""
    return [replace(row, source="sums" if row.gain == 0 else "riddles") for row in labels(n)]


def calls(rows: Sequence[Label]) -> list[Label]:
    """Sums that the small model cannot do, since they ask for a call."""
    sums = [row for row in rows if row.source == "sums"]
    hard = [replace(row, source="bfcl_v1", small_quality=0.0, key=f"call {row.key}") for row in sums]
    return [replace(row, body={**row.body, "tools": TOOLS}) for row in hard]


def test_a_kind_is_a_category_of_a_source_a_source_or_its_own() -> None:
    row = labels(1)[0]
    assert kind_of(replace(row, source="llmrouter", category="gpqa"), False) == "ten-option exams (MMLU-Pro, GPQA)"
    assert kind_of(replace(row, source="bfcl_v1", category="simple"), False) == "tool calls"
    assert kind_of(row, False) == "s"
    assert kind_of(replace(row, source="bfcl_v1"), True) == "bfcl_v1"
    assert len({source for sources in KINDS.values() for source in sources}) == sum(map(len, KINDS.values()))


def test_calls_that_look_like_sums_are_kept_unless_their_form_was_seen_to_be_new() -> None:
    rest = easy(400)
    asked = calls(rest)
    told, untold = (held_out(rest, asked, replace(QUICK, form_questions=n)) for n in (3, 0))
    assert told.kept["0.05"].mean() == 0.0
    assert untold.kept["0.05"].mean() > 0.05
    assert "| 200 | 0.0 % (0.0 to " in line("tool calls", told)


def test_the_table_has_a_line_a_kind_and_one_for_all() -> None:
    rows = easy(300)
    rows = [*rows, *calls(rows)]
    lines = list(table(rows, rows, QUICK))
    assert [told.split(" | ")[0] for told in lines[2:]] == ["| riddles", "| sums", "| tool calls", "| all, by rows"]
    assert {told.count("|") for told in lines} == {3 + len(LEVELS)}
    both = together([held_out(easy(200), calls(easy(200)), QUICK)] * 2)
    assert len(both.rows) == len(both.kept["0.02"]) == 200
