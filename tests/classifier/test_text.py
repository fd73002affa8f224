"""Cheap measures of an ask: each counts what its name says, and a long ask costs no more."""

from math import log1p

import pytest

from classifier import text


def shares(data: bytes) -> dict[str, float]:
    names = [name for name, _ in (*text.CHARACTERS, *text.COUNTED)]
    return dict(zip(names, text.characters(data), strict=True))


def test_character_classes_are_shares_and_marks_are_counted() -> None:
    found = shares(b"AB 12.\n")
    assert (found["upper_share"], found["digit_share"]) == (2 / 7, 2 / 7)
    assert (found["lines"], found["stops"], found["commas"]) == (log1p(1), log1p(1), 0.0)
    assert set(shares(b"").values()) == {0.0}


def test_exclamation_marks_end_sentences_as_full_stops_do() -> None:
    assert shares(b"Go! Now.")["stops"] == log1p(2)


def test_words_are_counted_with_their_length_variety_and_opener() -> None:
    assert text.words(b"what is what") == pytest.approx([log1p(3), 10 / 3, 2 / 3, float(text.opener(b"what"))])
    assert text.words(b"  ") == [0.0] * 4


def test_openers_of_a_kind_are_one_class_and_punctuation_does_not_hide_them() -> None:
    assert text.opener(b"hello,") == text.opener(b"please") > 0
    assert text.opener(b"zebra") == 0


def test_the_longest_number_counts_and_how_many_there_are() -> None:
    assert text.numbers(b"7 of 1200") == [log1p(2), log1p(1200)]
    assert text.numbers(b"none") == [0.0, 0.0]


def test_lettered_options_are_told_from_a_sentence_that_begins_with_a() -> None:
    n, _, digits, stem = text.options(b"Which?\nA. 1\nB. 2\nC. 3")
    assert (n, stem) == (3.0, log1p(6))
    assert digits > 0
    assert text.options(b"Yes.\nA. note")[0] == 0.0


def test_families_are_bits_in_their_order() -> None:
    named = dict(zip((name for name, _ in text.FAMILIES), text.families(b"Prove it, then write a poem"), strict=True))
    assert (named["says_prove"], named["says_write"], named["says_law"]) == (1.0, 1.0, 0.0)


def test_the_last_question_is_the_sentence_before_the_last_question_mark() -> None:
    assert text.last_question(b"i ate. why is that? thanks") == float(text.opener(b"why"))
    assert text.last_question(b"no question") == 0.0


def test_of_a_long_ask_only_both_ends_are_read() -> None:
    data = text.looked_at("a" * 10_000 + "z")
    assert len(data) == text.HEAD + text.TAIL + 1
    assert data.endswith(b"z")
