"""Training repeats to the byte, learns from other folds only, and refuses what is too little."""

import random
from dataclasses import replace

import numpy as np
import pytest

from classifier.features import extract
from classifier.label import Label
from classifier.label_row import parse
from classifier.train import Settings, TrainingError, path_of, train

QUICK = Settings(trees=8, min_child=5)


def labels(n: int, *, blind: bool = False) -> list[Label]:
    """Sums the small model can do and riddles it cannot; `blind`: grades that nothing in the request tells."""
    draw, rows = random.Random(3), []
    for number in range(n):
        easy = number % 2 == 0
        ask = f"Add {number} and {number * 7 % 31} now" if easy else f"Riddle me {number}: who walks on {number} legs?"
        good = draw.random() < 0.5 if blind else easy
        row = {"source": "s", "prompt": ask, "small_model": "tiny", "large_model": "big", "license": "MIT"}
        rows.append(parse(row | {"small_quality": float(good), "large_quality": 1.0}, f"here:{number}"))
    return rows


def in_applications(n: int) -> list[Label]:
    """The same asks, each in one of two applications."""
    rows = labels(n)
    said = ("You add.", "You guess.")
    systems = [{"role": "system", "content": said[i % 2]} for i in range(n)]
    bodies = [{"messages": [system, *row.body["messages"]]} for system, row in zip(systems, rows, strict=True)]
    return [replace(row, body=body) for row, body in zip(rows, bodies, strict=True)]


def test_the_same_rows_give_the_same_artifact() -> None:
    rows = labels(120)
    assert train(rows, QUICK).classifier.digest == train(rows, QUICK).classifier.digest


def test_what_can_be_told_from_the_request_is_learned() -> None:
    trained = train(labels(200), QUICK)
    bad = ~trained.table.good
    assert trained.out_of_fold[bad].min() > trained.out_of_fold[~bad].max()


def test_what_the_question_tells_is_not_laid_to_the_model_that_was_asked_it() -> None:
    rows = [replace(row, small_digest=("one", "other")[i % 2]) for i, row in enumerate(labels(200))]
    scorer = train(rows, QUICK).classifier.scorer
    easy, hard = (scorer.gain(extract(row.body), (), "never seen") for row in rows[:2])
    assert hard > easy + 0.1


def test_a_named_task_is_known_before_the_trees_and_a_template_after() -> None:
    rows = [replace(row, category=("sums", "riddles")[i % 2]) for i, row in enumerate(labels(200))]
    steps = {}
    for task_from in ("category", "request"):
        made = train(rows, replace(QUICK, task_from=task_from)).classifier
        place = made.scorer.means.place(path_of(rows[1], task_from, made.salt), rows[1].small_digest)
        steps[task_from] = sum(step for _, step in place.steps)
    assert 0 < steps["request"] < steps["category"]


def test_out_of_fold_scores_know_nothing_of_their_own_grade() -> None:
    trained = train(labels(400, blind=True), QUICK)
    assert abs(np.corrcoef(trained.out_of_fold, trained.table.gain)[0, 1]) < 0.2


def test_a_row_whose_form_other_folds_lack_is_scored_as_it_would_be_served() -> None:
    rows = labels(200)
    tools = [{"type": "function", "function": {"name": "add", "parameters": {}}}]
    rows[0] = replace(rows[0], body={**rows[0].body, "tools": tools})
    trained = train(rows, QUICK)
    told = trained.classifier.manifest.forms
    assert told is not None
    assert told.questions == {"0 options": 199, "0 options, tools": 1}
    served = trained.classifier.scorer.gain(trained.table.xs[0], trained.table.paths[0], rows[0].small_digest)
    assert served == told.mean + told.spread
    assert trained.out_of_fold[0] == pytest.approx(served, abs=0.1)  # of four folds' rows, and of no tree
    assert trained.out_of_fold[0] > trained.out_of_fold[2] + 0.5  # its like without tools, which the small model can do


def test_forms_may_be_left_out() -> None:
    trained = train(labels(120), replace(QUICK, form_questions=0))
    assert trained.classifier.manifest.forms is None
    assert not trained.classifier.scorer.see(trained.table.xs[0], ("app:never seen",)).unseen


def test_the_account_names_sources_with_their_licences() -> None:
    told = train(labels(120), QUICK).classifier.manifest.training
    assert (told["rows"], told["licences"]) == (120, {"s": "MIT"})
    assert "salt" not in told["settings"]


def test_too_few_rows_are_refused_with_how_many_it_takes() -> None:
    with pytest.raises(TrainingError, match="label at least 40 rows"):
        train(labels(20), QUICK)


def test_many_rows_of_few_questions_are_refused() -> None:
    with pytest.raises(TrainingError, match="of 5 questions"):
        train(labels(5) * 20, QUICK)


def test_few_rows_are_learned_with_trees_that_do_not_split_twice() -> None:
    told = train(labels(120, blind=True), Settings(trees=40, min_child=5)).classifier.manifest.training
    assert told["settings"]["leaves"] == 2


def test_rows_in_which_two_things_count_together_keep_their_larger_trees() -> None:
    told = train(_together(400), Settings(trees=40, min_child=5)).classifier.manifest.training
    assert told["settings"]["leaves"] == 7


def test_how_large_trees_may_be_is_told_by_the_rows_that_weigh() -> None:
    rows = [replace(row, drawn=100.0) for row in _together(400)]
    noise = [replace(row, drawn=0.01) for row in labels(1_200, blind=True)]
    settings = Settings(trees=40, min_child=5)
    assert train([*rows, *noise], settings).classifier.manifest.training["settings"]["leaves"] == 7
    swapped = [replace(row, drawn=100.0 if row.drawn < 1 else 0.01) for row in [*rows, *noise]]
    assert train(swapped, settings).classifier.manifest.training["settings"]["leaves"] == 2


def _together(n: int) -> list[Label]:
    """Asks that the small model can do where they are short or ask for a sum, and neither nor both where not."""
    rows = []
    for number in range(n):
        short, asks = number % 2 == 0, number % 4 < 2
        ask = f"Say {number}" + ("" if short else " and tell me all you know of it, word by word") + "?" * asks
        row = {"source": "s", "prompt": ask, "small_model": "tiny", "large_model": "big", "license": "MIT"}
        rows.append(parse(row | {"small_quality": float(short != asks), "large_quality": 1.0}, f"here:{number}"))
    return rows
