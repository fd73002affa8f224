"""The questions of the built-in world: dealt into splits by content, the same for the same seed."""

from collections.abc import Iterable
from itertools import islice
from random import Random

import pytest

from router.builtin.questions import FAMILIES, SHARES, Question, draw, questions, stem, stream
from router.builtin.words import KNOWN, UNSEEN


def asks(drawn: Iterable[Question]) -> list[str]:
    return [question.ask for question in drawn]


def test_every_question_is_in_the_split_it_was_asked_from() -> None:
    for split, _ in SHARES:
        assert {question.split for question in questions(split, 60)} == {split}


@pytest.mark.parametrize("shifted", [False, True])
def test_no_text_is_in_two_splits_whatever_the_seed(shifted: bool) -> None:
    stems = {
        split: {stem(ask) for seed in (0, 1) for ask in asks(questions(split, 300, seed=seed, shifted=shifted))}
        for split, _ in SHARES
    }
    assert sum(map(len, stems.values())) == len(set().union(*stems.values()))


def test_no_text_comes_twice() -> None:
    drawn = list(islice(stream(), 3000))
    assert len({question.id for question in drawn}) == len(drawn)


def test_the_same_seed_gives_the_same_questions() -> None:
    assert questions("play", 80, seed=3) == questions("play", 80, seed=3)


def test_another_seed_gives_other_questions() -> None:
    assert asks(questions("play", 80, seed=3)) != asks(questions("play", 80, seed=4))


def test_a_short_list_begins_a_longer_one() -> None:
    assert questions("test", 120)[:40] == questions("test", 40)


def test_every_family_takes_its_turn() -> None:
    assert {question.family for question in questions("play", 200)} == set(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_shifted_questions_are_worded_in_another_way(family: str) -> None:
    taught = {draw(family, Random(seed)).ask for seed in range(50)}
    shifted = {draw(family, Random(seed), shifted=True).ask for seed in range(50)}
    assert not taught & shifted


def test_shifted_words_were_never_taught() -> None:
    assert not set(KNOWN.capitals) & set(UNSEEN.capitals)
    assert not set(KNOWN.names) & set(UNSEEN.names)
    assert not set(KNOWN.cities) & set(UNSEEN.cities)
    assert not set(KNOWN.praise + KNOWN.blame) & set(UNSEEN.praise + UNSEEN.blame)


@pytest.mark.parametrize("known", [KNOWN, UNSEEN], ids=["known", "unseen"])
def test_a_thing_is_of_one_kind_only(known: object) -> None:
    assert isinstance(known, type(KNOWN))
    members = [word for kind in known.kinds.values() for word in kind]
    assert len(members) == len(set(members))


def test_a_greeting_makes_another_question_but_punctuation_does_not() -> None:
    assert stem("What is 2 + 3?") == stem("what is 2+3") != stem("Hello, what is 2+3?")


def test_the_options_of_a_quiz_are_part_of_its_stem() -> None:
    assert stem("Pick the fruit.\nA) pear\nB) saw") != stem("Pick the fruit.\nA) plum\nB) saw")


def test_json_questions_ask_for_json_and_tool_questions_bring_tools() -> None:
    bodies = {question.family: question.body for question in questions("play", 200)}
    assert bodies["extract"]["response_format"] == {"type": "json_object"}
    assert bodies["tools"]["tools"][0]["type"] == "function"
    assert not {"tools", "response_format"} & set(bodies["capital"])


def test_bodies_do_not_share_what_a_caller_may_change() -> None:
    first, second = draw("tools", Random(1)), draw("tools", Random(1))
    first.body["messages"].clear()
    assert second.body["messages"]
