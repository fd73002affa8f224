"""The commands that measure panels, on graded sums: figures are of questions not seen, and the ledger agrees."""

import json
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.panel import brief, measured, out_of_fold, table
from bench.panel_cases import CASES, Case
from bench.panel_note import Cell, Front, cells, counted, fronts, line, mean
from bench.panel_ways import ANSWER, CONTROLS, ONCE, QUESTION, TURNS, WHICH, Run
from bench.replay_panel import World, message_of, offline, once, played, shared_cut
from classifier import panel_train, stopping
from classifier.evaluate import LEVELS, Options
from classifier.label_row import parse
from classifier.panel_train import Plan
from classifier.questions import gather
from classifier.verifier import Verifier
from classifier.verifier_train import Recipe
from tests.standins.graded_panel import MEMBERS, graded_labels, graded_rows

QUICK = Plan(recipe=Recipe(trees=20, rate=0.1, folds=3), task_from="none", deviations=0.0)
SUMS = Case("Sums, grand", "sums.jsonl", MEMBERS)
LOSS = np.array([0.05])


def test_the_table_has_every_way_beside_its_controls_and_the_published_figures() -> None:
    questions = gather(graded_labels(150), MEMBERS, None)
    run = Run(QUICK, Options(draws=20), len(MEMBERS))
    order, *made = out_of_fold(questions, run, 2, lambda line: None)
    found = measured(order, (made[0], made[1]), run)
    assert len(order) == 2 * len(questions)
    assert {QUESTION, ANSWER, TURNS, ONCE, WHICH, *CONTROLS} <= set(found)
    for level in LEVELS:
        assert found["safe"][TURNS][level]["share_small"]["value"] <= found[TURNS][level]["share_small"]["value"] + 0.02
        assert found["oracle"][level]["loss"] <= float(level)
    lines = list(table(CASES["gsm8k"], found, published=True))
    assert len({line.count("|") for line in lines}) == 1
    assert sum("94.4 (1.66)" in line for line in lines) == 1
    short = list(brief(CASES["gsm8k"], found, published=True))
    assert 3 * len(short) == len(lines) + 2  # one line a way; "always small" is the same at each level


def test_a_question_asked_twice_is_played_once_with_the_answer_that_the_recording_holds() -> None:
    first, second, *_ = gather(graded_labels(10), MEMBERS, None)
    again = replace(second, label=replace(second.label, body=first.label.body))
    assert once([first, second]) == [first, second]
    assert once([first, again]) == [again]


def test_shares_are_read_at_equal_losses_between_the_cuts_that_were_played() -> None:
    kept, lost = np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 0.0], [0.0, 0.2]])
    front = Front(kept, lost, np.ones(2))
    assert front.at(np.array([0.0, 0.05, 0.1]), np.ones(2)).tolist() == pytest.approx([0.5, 0.75, 1.0])
    questions = gather(graded_labels(100), MEMBERS, None)
    own, again = (made[TURNS] for made in fronts(questions, (QUICK, QUICK), (TURNS, ONCE), 2))
    assert mean(own).at(LOSS, np.ones(100)) == mean(again).at(LOSS, np.ones(100)) > 0
    assert mean(own[:1]).kept.tolist() == own[0].kept.tolist() != own[1].kept.tolist()


def test_cells_are_counted_by_whether_chance_could_have_made_them() -> None:
    def cell(way: str, points: float, stated: str = "90.0") -> Cell:
        more = points + np.linspace(-1, 1, 41)
        return Cell(way, 0.02, 90 + points, 90.0, (0.1, 0.2), more, stated, 0.5, (6, 3), 6)

    above, below, level, alone = cell(TURNS, 2), cell(TURNS, -2), cell(ONCE, 0.3), cell(ANSWER, 2, "91.0")
    one, figures, panel, panels = counted({"sums": [above, level, alone], "more sums": [below]})
    assert one == "one answer, 1 cells, beside the recipe: 1 above, 0 level, 0 below; mean +2.00 (+1.05 to +2.95)"
    assert "1 above, 0 level, 0 below; mean +1.00, 1 of them more and 0 less" in figures
    assert "3 cells, beside the recipe: 1 above, 1 level, 1 below; mean +0.10 (-0.85 to +1.05)" in panel
    assert "1 above, 1 level, 1 below; mean +0.10, 2 of them more and 1 less" in panels
    assert line(SUMS, above) == (
        f"| Sums, grand | {TURNS} | 2.00 | 92.0 ± 0.1 | 90.0 ± 0.2 | +2.0 (+1.1 to +3.0) | 90.0 | +2.0 ± 0.5 "
        "| 6 and 3 of 6 |"
    )


def test_the_note_is_stood_beside_on_its_own_losses_over_several_draws() -> None:
    stated = ("0 (2.0)", "60 (5.0)", "101 (7.0)")
    case = replace(SUMS, in_turn=stated, at_once=stated, alone=stated)
    found = list(cells(case, gather(graded_labels(100), MEMBERS, None), 7, 2))
    assert [cell.way for cell in found] == [way for way in (ANSWER, TURNS, ONCE) for _ in stated]
    assert all(cell.moved >= 0 and 0 <= cell.own <= 100 for cell in found)
    assert found[0].beyond == pytest.approx(found[0].own)
    assert [(one.draws, one.reached) for one in found if one.stated != "60"] == 3 * [(2, (2, 2)), (2, (0, 0))]


def test_one_cut_for_every_stage_stays_within_the_loss_it_was_fixed_for() -> None:
    learned = panel_train.learn(gather(graded_labels(200), MEMBERS, None), QUICK)
    cut, own = shared_cut(learned, 0.05), learned.best.stages
    curve = panel_train.calibrate(own)
    chance = np.array([[curve.p_good(-s, str(t)) for s in row] for t, row in enumerate(own.score.tolist(), 1)])
    outcome = stopping.play(stopping.Stages(chance, own.grade, own.big), stopping.Cuts((cut,) * 3))
    assert outcome.kept.any()
    assert outcome.lost(own.big).sum() <= 0.05 * own.big.sum()


def test_an_answer_that_was_stored_cut_is_as_long_as_it_was_and_says_its_final_value() -> None:
    row = graded_rows(1)[0] | {"small_response": "so we", "small_final": "12", "small_chars": 900}
    said = message_of(parse(row, "here:1"))["content"]
    assert (said.split(), len(said)) == (["so", "we", "The", "answer", "is", "12"], 900)
    whole = row | {"small_chars": 5}
    assert message_of(parse(whole, "here:1"))["content"] == "so we"
    endless = message_of(parse(row | {"small_final": None}, "here:1"))["content"]
    assert (endless.split(), len(endless)) == (["so", "we"], 900)


def test_the_proxy_believes_the_count_of_an_answer_that_was_stored_cut(tmp_path: Path) -> None:
    """The chance of keeping a later answer moves with the count, which no shortened text could hold."""
    rows = [*graded_rows(150), *graded_rows(30, seed=4, split="dev")]
    for row in rows:
        row |= {"small_final": row["small_response"].split()[-1].rstrip("."), "small_chars": 2_500}
        row |= {"small_completion_tokens": 2_048 if row["prompt_id"][-1] in "02468" else 20}
    (tmp_path / SUMS.file).write_text("\n".join(json.dumps(row) for row in rows))
    ledger, _ = played(SUMS, Namespace(data=tmp_path, loss=0.05, ask="in_order"))
    assert ledger.endswith("| 30 of 30 |")


@pytest.mark.parametrize("ask", ["in_order", "at_once"])
def test_the_ledger_says_what_the_second_stage_says_offline(tmp_path: Path, ask: str) -> None:
    rows = [*graded_rows(150), *graded_rows(30, seed=4, split="dev")]
    (tmp_path / SUMS.file).write_text("\n".join(json.dumps(row) for row in rows))
    ledger, alone = played(SUMS, Namespace(data=tmp_path, loss=0.05, ask=ask))
    assert ledger.count("|") == alone.count("|")
    if ask == "in_order":
        assert ledger.endswith("| 30 of 30 |")
        assert ledger.split("|")[5:10] == alone.split("|")[5:10]
    else:
        assert " ledger " in ledger


def test_prose_goes_where_the_task_says() -> None:
    row = graded_rows(1)[0] | {"prompt": "Tell me of the sea."}
    labels = [parse(row | {"small_model": name}, "here:1") for name in MEMBERS]
    (question,) = gather(labels, MEMBERS, None)
    assert offline(Verifier(), question, World([question], "m0", 0.9)) == (0, 1)
    assert offline(Verifier(), question, World([question], "big", 0.9)) == (None, 0)
