"""What a ledger's labels teach: one row an answer, questions on one side, chances honoured, too little refused."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from classifier.evaluate import Options, evaluate
from classifier.features import extract, feature_set
from classifier.harvest import HEAVIEST, Graded, HarvestError, harvest
from classifier.label import Label
from classifier.task import question_key, task_path
from classifier.train import Settings, train

SALT = b"of this store"
QUICK = Settings(trees=8, min_child=5, salt=SALT)


def graded(ask: str, worth: float = 1.0, **changes: Any) -> Graded:
    """A label that agreement gave, of an exchange that was a conversation of its own."""
    body = {"messages": [{"role": "user", "content": ask}]}
    row = Graded(
        exchange=f"x-{ask}",
        created_at=1,
        conversation=f"talk-{ask}",
        question=question_key(body, SALT),
        features=extract(body).tobytes(),
        feature_set=feature_set(),
        path=task_path(body, SALT),
        who="agreement",
        small="tiny",
        digest="d1",
        large="big",
        small_quality=worth,
        large_quality=1.0,
        inclusion_p=1.0,
        trust=0.5,
    )
    return replace(row, **changes)


def world(n: int = 120) -> list[Graded]:
    """Sums that the small model can do and riddles that it cannot."""
    asks = [f"Add {k} and {k * 7 % 31} now" if k % 2 else f"Riddle me {k}: who walks on {k} legs?" for k in range(n)]
    return [graded(ask, float(k % 2)) for k, ask in enumerate(asks)]


def both(found: Any) -> list[Label]:
    return [*found.learned, *found.measured]


def row_of(found: Any, exchange: str) -> Label:
    (row,) = (label for label in both(found) if label.prompt_id == exchange)
    return row


def test_what_the_features_tell_is_learned_and_measured_on_questions_that_were_not() -> None:
    found = harvest(world())
    assert {row.key for row in found.learned}.isdisjoint({row.key for row in found.measured})
    trained = train(found.learned, QUICK)
    figures = evaluate(trained, found.measured, Options(draws=20))
    assert figures["auroc_gain"] > 0.9
    assert set(figures["controls"]) == {"always_small", "always_big", "random_mix", "length", "task_mean", "oracle"}
    assert trained.classifier.manifest.training["graded_by"] == {"agreement": len(found.learned)}


def test_the_same_rows_in_any_order_give_the_same_artifact() -> None:
    rows = world()
    one = train(harvest(rows).learned, QUICK).classifier.digest
    random.Random(5).shuffle(rows)
    assert train(harvest(rows).learned, QUICK).classifier.digest == one


def test_a_question_that_a_held_out_conversation_asks_too_is_not_learned_from() -> None:
    found = harvest(world())
    asked = {row.exchange: row for row in world()}
    again = [replace(asked[row.prompt_id], exchange=f"again-{k}") for k, row in enumerate(found.measured)]
    elsewhere = [replace(row, conversation=f"{row.conversation}, later") for row in again]
    more = harvest([*world(), *elsewhere])
    assert {row.key for row in more.learned}.isdisjoint({row.key for row in more.measured})
    assert [row.prompt_id for row in more.learned] == [
        row.prompt_id for row in found.learned if row.key not in {row.key for row in more.measured}
    ]
    assert more.account["also_held_out"] > 0


def test_a_conversation_is_on_one_side_whatever_it_asks() -> None:
    talks = [graded(f"And then {k}?", conversation=f"talk {k % 40}") for k in range(200)]
    found = harvest(talks)
    sides = [{row.prompt_id for row in side} for side in (found.learned, found.measured)]
    talked = [{row.conversation for row in talks if row.exchange in side} for side in sides]
    assert talked[0].isdisjoint(talked[1])
    assert sum(map(len, talked)) == 40


def test_a_question_that_everybody_asks_ties_no_others_together() -> None:
    greeting = [
        graded("Hello", exchange=f"hello {k}", conversation=f"talk-{row.exchange[2:]}") for k, row in enumerate(world())
    ]
    found = harvest([*world(), *greeting])
    assert {row.key for row in harvest(world()).learned} <= {row.key for row in found.learned}
    assert found.account["questions"] == 121


def test_where_the_question_is_not_known_equal_features_stand_for_it() -> None:
    old = [replace(world()[1], question="", exchange=f"old-{k}", conversation=f"c{k}") for k in range(4)]
    found = harvest([*world(), *old])
    assert len({row.key for row in both(found) if row.prompt_id.startswith("old-")}) == 1
    assert found.account["questions"] == 121


@pytest.mark.parametrize("seed", range(5))
def test_what_was_held_out_once_is_never_learned_from_however_many_labels_come(seed: int) -> None:
    draw, asked = random.Random(seed), [f"What is {k}?" for k in range(90)]
    talks = [graded(draw.choice(asked), exchange=f"x{k}", conversation=f"talk {k // 3}") for k in range(600)]
    early, late = harvest(talks[:240]), harvest(talks)
    assert {row.prompt_id for row in early.measured}.isdisjoint({row.prompt_id for row in late.learned})
    assert {row.prompt_id for row in early.measured} <= {row.prompt_id for row in late.measured}


def test_the_surest_grader_of_an_answer_is_heard_and_each_small_model_has_a_row() -> None:
    row = world()[0]
    said = [replace(row, who="check", small_quality=1.0), replace(row, who="person", small_quality=0.5)]
    other = replace(row, small="other", digest="d2", small_quality=1.0)
    rows = [label for label in both(harvest([*world(), *said, other])) if label.prompt_id == row.exchange]
    assert [(label.small_model, label.small_quality, label.known and label.known.who) for label in rows] == [
        ("tiny", 1.0, "check"),
        ("other", 1.0, "agreement"),
    ]


def test_a_row_stands_for_as_many_as_its_chance_says_and_for_no_more_than_twenty() -> None:
    rows = world()
    rows[0], rows[1] = replace(rows[0], inclusion_p=0.25), replace(rows[1], inclusion_p=0.001)
    found = harvest(rows)
    assert [row_of(found, rows[k].exchange).drawn for k in (0, 1, 2)] == [4.0, HEAVIEST, 1.0]
    assert found.account["capped"] == 1


def test_an_answer_that_several_grade_has_the_chance_of_any_of_them_and_the_surest_value() -> None:
    rows = world()
    audits = [replace(rows[k], who="person", small_quality=0.25, inclusion_p=0.05, trust=1.0) for k in (0, 1)]
    rows[1] = replace(rows[1], inclusion_p=0.5)
    found = harvest([*rows, *audits, replace(audits[1], created_at=2)])
    told = [row_of(found, rows[k].exchange) for k in (0, 1)]
    assert [(row.drawn, row.small_quality, row.trust) for row in told] == [
        (1.0, 0.25, 1.0),
        (pytest.approx(1 / (1 - 0.95 * 0.5)), 0.25, 1.0),
    ]


def test_labels_are_of_the_most_frequent_kind_and_the_others_are_counted() -> None:
    judged = [replace(row, who="person", label_kind="graded", small_quality=0.5) for row in world()[:40]]
    found = harvest([*world(), *judged])
    assert {row.quality_kind for row in both(found)} == {"exact"}
    assert (found.account["rows"], found.account["label_kind"], found.account["other_kinds"]) == (120, "exact", 40)


@pytest.mark.parametrize(("kinds", "kept"), [(("pairwise", "graded"), "graded"), (("graded", "exact"), "exact")])
def test_of_two_kinds_equally_frequent_the_more_telling_is_kept(kinds: tuple[str, str], kept: str) -> None:
    rows = [replace(row, label_kind=kinds[k % 4 // 2]) for k, row in enumerate(world(160))]
    assert {row.quality_kind for row in both(harvest(rows))} == {kept}


def objection(row: Graded, **changes: Any) -> Graded:
    return replace(row, who="structure", small_quality=0.0, large_quality=None, trust=1.0, **changes)


def test_an_answer_that_was_objected_to_teaches_nothing_and_is_counted() -> None:
    alone = [objection(graded(f"Say it {k} times over and over")) for k in range(30)]
    found = harvest([*world(), *alone])
    assert {**found.account, "labels": 120, "small_alone": 0} == harvest(world()).account
    assert [row.prompt_id for row in both(found)] == [row.prompt_id for row in both(harvest(world()))]
    assert found.account["small_alone"] == 30


def test_objections_where_small_answers_are_kept_say_nothing_of_how_often_they_fail() -> None:
    asks = [graded(f"Say {k} in words of {k % 7}", 1.0, inclusion_p=0.1) for k in range(0, 600, 10)]
    failed = [objection(graded(f"Say {k} in words of {k % 7}")) for k in range(1, 600, 10)]
    found = harvest([*asks, *failed])
    assert {row.small_quality for row in both(found)} == {1.0}


SAID: list[tuple[Callable[[], list[Graded]], str]] = [
    (list, "0 labels that may train"),
    (lambda: world(30), "30 questions have both answers graded.*20 more"),
    (lambda: [objection(row) for row in world(80)], "80 grade the small one alone"),
    (lambda: [replace(row, feature_set="old") for row in world(80)], "80 are of features that this release"),
    (
        lambda: [replace(row, label_kind="exact" if k % 2 else "graded") for k, row in enumerate(world(80))],
        "40 questions have both.*40 are of another kind than exact",
    ),
    (lambda: [replace(row, small_quality=None) for row in world(80)], "80 grade no small answer"),
    (lambda: [replace(row, question="q", conversation="c") for row in world(80)], "of which 1 questions"),
]


@pytest.mark.parametrize(("rows", "said"), SAID, ids=[said for _, said in SAID])
def test_too_little_is_refused_with_what_is_missing_and_how_it_comes(
    rows: Callable[[], list[Graded]], said: str
) -> None:
    with pytest.raises(HarvestError, match=said) as refused:
        harvest(rows())
    assert "shadow: {share: 1}" in str(refused.value)


def test_rows_that_stand_for_many_count_as_many_in_every_figure() -> None:
    rows = [replace(row, inclusion_p=0.5 if row.small_quality else 1.0) for row in world(200)]
    found = harvest(rows)
    figures = evaluate(train(found.learned, QUICK), found.measured, Options(draws=10))
    good = sum(row.small_quality for row in found.measured)
    assert figures["small_quality"] == pytest.approx(2 * good / (len(found.measured) + good), abs=1e-4)
