"""The two vocabularies: enough of everything, alike in shape, and no entity in both."""

from dataclasses import fields

import pytest

from router.builtin.words import KNOWN, UNSEEN, Words, words


def test_shifted_questions_are_made_of_words_that_no_model_has_met() -> None:
    assert (words(False), words(True)) == (KNOWN, UNSEEN)
    members = [{word for kind in known.kinds.values() for word in kind} for known in (KNOWN, UNSEEN)]
    assert not members[0] & members[1]


@pytest.mark.parametrize("known", [KNOWN, UNSEEN], ids=["known", "unseen"])
def test_there_is_enough_to_draw_from(known: Words) -> None:
    assert [field.name for field in fields(known) if len(getattr(known, field.name)) < 3] == []
    assert min(len(members) for members in known.kinds.values()) >= 4
    assert len(known.kinds) >= 4


def test_both_have_the_same_desks_for_tickets() -> None:
    assert set(KNOWN.tickets) == set(UNSEEN.tickets)
