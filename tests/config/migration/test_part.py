"""A mapping that is taken over: nothing of it is lost in silence."""

from decimal import Decimal

import pytest

from router.config.migration.part import UNKNOWN, parts
from tests.config.migration.conftest import Read, taken_over


def test_what_is_taken_is_not_told_and_what_is_not_is(read: Read) -> None:
    part = read("a: 1\nb: 2\nc: 3\nd: 4\ne:\n")
    assert part.text("a") == "1"
    part.leave({"b": ("why not", "what then")}, ["c"])
    assert [(note.line, note.path, note.message) for note in part.left.notes] == [
        (2, "b", "why not"),
        (4, "d", UNKNOWN[0]),
    ]


def test_values_come_as_they_are_written(read: Read) -> None:
    part = read("price: 2.5e-06\nyes: on\nno: 'false'\nname: x\nempty:\nwords: {a: 1, b: [2]}\n")
    assert part.number("price") == Decimal("0.0000025")
    assert (part.truth("yes"), part.truth("no"), part.truth("name")) == (True, False, None)
    assert part.text("empty", "name") == "x"
    assert part.texts("words") == {"a": "1"}


@pytest.mark.parametrize("figure", ["many", "os.environ/PRICE", ".inf", ".nan"])
def test_a_number_that_is_none_is_told(read: Read, figure: str) -> None:
    part = read(f"price: {figure}")
    assert part.number("price") is None
    assert [note.path for note in part.left.notes] == ["price"]


def test_merged_mappings_stand_under_their_own_keys(read: Read) -> None:
    part = read("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nrow:\n  <<: [*x, *y]\n  a: 0\n").part("row")
    assert [part.text(key) for key in "abc"] == ["0", "2", "4"]


def test_a_list_where_a_mapping_belongs_is_told(read: Read) -> None:
    part = read("row: [1]\nrows: [{a: 1}, 2]\n")
    assert part.part("row").pairs == {}
    assert len(list(parts(part.take("rows"), "rows", part.left))) == 2
    assert [note.path for note in part.left.notes] == ["row", "rows[1]"]


def test_a_file_that_is_no_yaml_says_so() -> None:
    with pytest.raises(Exception, match=r"litellm\.yaml:1: is not valid YAML"):
        taken_over("model_list: [")
