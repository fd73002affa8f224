"""The page on quality says what was measured, and in words what was not."""

import pytest

from router.reports.quality_page import flat, headline, page, plain
from router.store.memory import MemoryStore
from tests.reports.grades import ask, play, world
from tests.store.records import closed


def test_a_coin_gets_no_headline(ledger: MemoryStore) -> None:
    world(ledger, wise=False)
    report = ask(ledger)
    assert report.total.loss.value == pytest.approx(0.25)
    assert "not distinguishable from a random mix" in headline(report)


def test_the_worst_slice_is_named_with_its_labels(ledger: MemoryStore) -> None:
    for n in range(60):
        rule = "bold" if n % 2 else "careful"
        play(ledger, closed("small", rule=rule), 0.0 if rule == "bold" and n % 3 == 0 else 1.0, 1.0)
    report = ask(ledger)
    worst = report.worst
    assert worst is not None
    assert (worst.group, worst.kept_labelled) == ("rule bold", 30)
    assert worst.kept_loss.value == pytest.approx(1 / 3)
    (told,) = (row for row in page(report).sheets[0].rows if "explain" in row[-1])
    assert told[-1] == f"one of them: smallfirst explain {report.example}"
    assert ledger.find("exchanges", id=report.example)[0]["rule"] == "bold"


def test_the_worst_of_many_is_said_to_be_chosen_as_that(ledger: MemoryStore) -> None:
    for n in range(40):
        play(ledger, closed("small", rule="bold" if n < 20 else "careful"), 0.0 if n < 5 else 1.0, 1.0)
    (told,) = (row for row in page(ask(ledger)).sheets[0].rows if row[0] == "worst slice")
    assert told[-1] == "rule bold, 20 labels, among kept; chosen as the worst"


def test_where_small_slices_lost_no_large_one_is_called_the_worst(ledger: MemoryStore) -> None:
    for n in range(60):
        rare = n < 10
        play(ledger, closed("small", rule=f"rare-{n}" if rare else "often"), 0.0 if rare or n == 30 else 1.0, 1.0)
    report = ask(ledger)
    assert (report.worst, report.slices) == (None, 2)
    assert report.example
    rows = page(report).sheets[0].rows
    assert ("worst slice", "–", "none of 2 with 20 labels or more loses more than the whole") in rows


def test_without_labels_it_says_what_to_do(ledger: MemoryStore) -> None:
    ledger.append(closed("small"))
    report = ask(ledger)
    assert headline(report) == "No headline: no answer was graded in this period."
    assert "docs/reports.md" in page(report).notes[0]


def test_labels_of_agreement_alone_are_told_with_what_they_are_good_for(ledger: MemoryStore) -> None:
    play(ledger, closed("big"), 1.0, 1.0, who="agreement")
    report = ask(ledger)
    assert headline(report) == "No headline: no answer was graded in this period."
    assert "smallfirst learn evaluate --from ledger" in page(report).notes[0]


def test_groups_stand_apart(ledger: MemoryStore) -> None:
    play(ledger, closed("small", tags={"family": "dates"}), 0.0, 1.0)
    play(ledger, closed("small", tags={"family": "units"}), 1.0, 1.0)
    report = ask(ledger, by="tag.family")
    assert [(grades.group, grades.loss.value) for grades in report.groups] == [("dates", 1.0), ("units", 0.0)]
    assert [row["group"] for row in flat(report)] == ["all", "dates", "units"]
    assert plain(report)["groups"][0]["loss"]["value"] == 1.0


def test_harm_by_degrees_is_no_number_of_answers(ledger: MemoryStore) -> None:
    for n in range(80):
        upstream = "small" if n % 2 else "big"
        better = n % 4 == 0  # the small one is let answer where it is as good
        small = 1.0 if upstream == "small" and n % 20 else 0.5 if upstream == "small" or better else 0.0
        play(ledger, closed(upstream), small, 1.0, who="person", label_kind="graded")
    report = ask(ledger)
    assert "of a grade lost in worse answers" in headline(report)
    (harm,) = (row for row in page(report).sheets[0].rows if row[0] == "harm")
    assert "each by a whole grade" in harm[2]
