"""Typed reading: the value, or a problem and a default."""

from decimal import Decimal

import pytest

from policies.document import Notes, read_document
from policies.fields import Fields


def fields(text: str) -> Fields:
    notes = Notes("test.yaml")
    return Fields(read_document(text, notes), ("a", "b", "word"), notes)


def told(read: Fields) -> list[str]:
    return [problem.message for problem in read.notes.problems]


def test_what_is_left_out_is_its_default_and_no_problem() -> None:
    read = fields("a: null")
    assert [read.share("a"), read.count("b"), read.money("b"), read.word("word", ("x",))] == [None] * 4
    assert [read.flag("a"), read.text("b"), read.items("b", "list"), read.name(None)] == [False, "", (), ""]
    assert not told(read)


@pytest.mark.parametrize("written", ["0", "0.02", "1"])
def test_a_share_lies_between_nought_and_one(written: str) -> None:
    assert fields(f"a: {written}").share("a") == float(written)


@pytest.mark.parametrize("written", ["1.1", "-0.1", ".nan", ".inf", "true", "'0.5'", "[0.5]"])
def test_anything_else_is_no_share(written: str) -> None:
    read = fields(f"a: {written}")
    assert read.share("a") is None
    assert len(told(read)) == 1


def test_money_is_exactly_what_was_written() -> None:
    assert fields("a: 0.10").money("a") == Decimal("0.10")


@pytest.mark.parametrize("written", ["-1", "much", ".inf", "1e9999999999999999999"])
def test_anything_else_is_no_amount(written: str) -> None:
    read = fields(f"a: {written}")
    assert read.money("a") is None
    assert len(told(read)) == 1


def test_a_count_is_a_whole_number_above_nought() -> None:
    assert fields("a: 3").count("a") == 3
    for wrong in ("0", "1.5", "true", "x"):
        read = fields(f"a: {wrong}")
        assert read.count("a") is None
        assert len(told(read)) == 1


def test_a_doubtful_flag_is_read_the_strict_way() -> None:
    read = fields("a: perhaps")
    assert read.flag("a") is True
    assert told(read) == ["must be true or false, not 'perhaps'"]


def test_a_word_is_one_of_its_choices() -> None:
    assert fields("word: x").word("word", ("x", "y")) == "x"
    read = fields("word: z")
    assert read.word("word", ("x", "y")) is None
    assert read.notes.problems[0].remedy == "write one of: x, y"


def test_an_unknown_key_is_told_with_its_nearest() -> None:
    read = fields("wrod: 1")
    assert (read.notes.problems[0].message, read.notes.problems[0].remedy) == (
        "no key is called 'wrod' here",
        "did you mean 'word'?",
    )


def test_a_missing_key_is_told_where_it_should_stand() -> None:
    read = fields("b: 1")
    assert read.need("a", "write it") is None
    assert (read.notes.problems[0].path, read.notes.problems[0].message) == ("a", "'a' is missing")


def test_what_is_no_mapping_is_told_once() -> None:
    read = fields("just text")
    assert read.need("a", "write it") is None
    assert told(read) == ["must be a mapping, not 'just text'"]
