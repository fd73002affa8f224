"""What a ledger wrote down of a panel teaches what the answers themselves would have taught."""

import struct
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from classifier import lessons, panel, panel_train
from classifier.evaluate import Options
from classifier.features import extract
from classifier.harvest import HarvestError
from classifier.hearings import Value, Weighing, hear
from classifier.label import Known, Label
from classifier.panel_train import Plan
from classifier.questions import Question, gather, strengths
from classifier.task import task_path
from classifier.verifier import Given, Verifier
from classifier.verifier_artifact import feature_digest
from tests.standins.graded_panel import MEMBERS, graded_labels

LABELS = graded_labels(90)
READ = gather(LABELS, MEMBERS, None)
DIGESTS = READ[0].digests
PLAN = Plan(salt=b"s")


def without_body(label: Label) -> Label:
    """The row as the ledger has it: features and a task, no request and no answer."""
    known = Known(extract(label.body), task_path(label.body, b"s"), "check")
    return replace(label, body={}, known=known, answer=type(label.answer)())


def weighed(question: Question, stage: int) -> Weighing:
    """What the untrained second stage writes down after so many answers."""
    given = [
        Given(label.small_model, label.small_digest, {"content": label.answer.text}, "stop", 6)
        for label in question.labels[:stage]
    ]
    found = Verifier().weigh(question.label.body, given, members=DIGESTS)
    rows = [found.evidence, *(evidence for _, evidence in found.heard[1:])]
    values = tuple(
        Value(tuple(DIGESTS[i] for i in by), None if row is None else struct.pack(f"<{len(row)}f", *row))
        for (by, _), row in zip(found.heard, rows, strict=True)
    )
    return Weighing(question.label.prompt_id, stage, None, feature_digest(), values)


HEARD = [weighed(question, stage) for question in READ for stage in (1, 2, 3)]
ROWS = [without_body(label) for label in LABELS]


def test_the_evidence_written_down_is_the_evidence_read_from_the_answers() -> None:
    order = {question.label.prompt_id: question for question in READ}
    heard = hear(ROWS, HEARD, DIGESTS)
    read = [order[question.label.prompt_id] for question in heard]
    assert [question.grades for question in heard] == [question.grades for question in read]
    known = strengths(read)
    one, other = (lessons.tabulate(side, known, [()] * len(heard)) for side in (heard, read))
    by = [np.lexsort((table.grade, table.support, table.stage, table.question)) for table in (one, other)]
    assert np.array_equal(one.grade[by[0]], other.grade[by[1]])
    assert np.allclose(one.xs[by[0]], other.xs[by[1]], equal_nan=True)


def test_a_second_stage_learned_without_bodies_is_as_good_and_repeats_to_the_byte() -> None:
    heard = hear(ROWS, HEARD, DIGESTS)
    figures = panel.evaluate(heard, heard, PLAN, Options(draws=5))
    assert figures["auroc_gain"] > 0.8
    assert figures["checkable"] == 1.0
    again = hear(ROWS[::-1], HEARD[::-1], DIGESTS)
    digests = {str(panel_train.finish(panel_train.learn(side, PLAN))) for side in (heard, again)}
    assert len(digests) == 1


def test_the_first_answer_alone_is_heard_whatever_cut_was_in_force() -> None:
    cut = [replace(one, cut=0.9) for one in HEARD]
    assert len(hear(ROWS, cut, DIGESTS[:1])) == 90
    with pytest.raises(HarvestError, match="could have ended early"):
        hear(ROWS, cut, DIGESTS)


def silent(one: Weighing) -> Weighing:
    """The same when nobody said anything that can be compared."""
    everybody = tuple(digest for value in one.values for digest in value.by)
    return replace(one, values=(Value((), one.values[0].evidence), Value(everybody, None)))


def test_where_all_abstain_one_value_is_left_that_nobody_supports() -> None:
    for question in hear(ROWS, [silent(one) for one in HEARD], DIGESTS):
        assert [(stage.found[0].supporters, stage.found[0].best) for stage in question.stages] == [((), 0)] * 3


UNFIT: list[tuple[Callable[[Weighing], Weighing | None], str]] = [
    (lambda one: one if one.stage < 3 else None, "heard other models, or not all of them"),
    (lambda one: replace(one, values=()), "heard other models, or not all of them"),
    (lambda one: replace(one, names="older"), "have evidence that this release does not read"),
]


@pytest.mark.parametrize(("change", "said"), UNFIT, ids=[said for _, said in UNFIT])
def test_what_cannot_be_learned_from_is_counted_and_told(
    change: Callable[[Weighing], Weighing | None], said: str
) -> None:
    changed = [told for one in HEARD if (told := change(one)) is not None]
    with pytest.raises(HarvestError, match=said) as refused:
        hear(ROWS, changed, DIGESTS)
    assert "shadow: {share: 1}" in str(refused.value)


def test_a_panel_of_which_an_answer_was_not_graded_teaches_nothing() -> None:
    with pytest.raises(HarvestError, match="have not every answer graded"):
        hear([row for row in ROWS if row.small_digest != DIGESTS[2]], HEARD, DIGESTS)
