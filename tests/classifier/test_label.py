"""A label: the gain that everything is learned from, and what is believed where a file says nothing."""

from classifier.label_row import parse
from tests.classifier.test_labels import row


def test_the_gain_is_what_the_large_answer_is_better_by_and_may_be_negative() -> None:
    assert parse(row("one", small_quality=0.25, large_quality=1.0), "here:1").gain == 0.75
    assert parse(row("one", small_quality=1.0, large_quality=0.0), "here:1").gain == -1.0


def test_a_row_of_a_file_stands_for_itself_and_is_believed() -> None:
    label = parse(row("one"), "here:1")
    assert (label.drawn, label.trust, label.known) == (1.0, 1.0, None)
