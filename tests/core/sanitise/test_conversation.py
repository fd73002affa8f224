"""A body made fit: only what must change does, each change is noted, and the original stays as it was."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from router.core.sanitise.conversation import CHANGES, quirks, sanitise
from router.core.sanitise.target import MISTRAL, OPENAI, digest_of

BODY: dict[str, Any] = {
    "model": "m",
    "messages": [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "hi"}],
    "max_completion_tokens": 9,
    "store": True,
}


def test_what_fits_is_the_same_object() -> None:
    assert sanitise(BODY, OPENAI) == (BODY, ())
    assert sanitise(BODY, OPENAI)[0] is BODY


def test_changes_are_noted_in_their_order_and_nothing_is_changed_in_place() -> None:
    before = copy.deepcopy(BODY)
    made, notes = sanitise(BODY, MISTRAL)
    assert before == BODY
    assert notes[0] == "developer became system"
    assert made["messages"][0]["role"] == "system"
    assert (made["max_tokens"], "store" in made) == (9, False)


def test_every_change_has_a_note_of_its_own() -> None:
    assert len({change.note for change in CHANGES}) == len(CHANGES)


def test_a_conversation_nobody_else_touched_has_only_names_changed() -> None:
    made, notes = quirks(BODY, MISTRAL, developer=True)
    assert [message["role"] for message in made["messages"]] == ["system", "user"]
    assert "developer became system" in notes
    assert quirks(BODY, OPENAI, developer=True) == (BODY, ())


@pytest.mark.parametrize(("value", "stays"), [(True, False), (False, True)])
def test_a_field_refused_with_one_value_stays_with_another(value: bool, stays: bool) -> None:
    target = replace(OPENAI, refused={"store": frozenset({digest_of(True)})})
    made, notes = sanitise(BODY | {"store": value}, target)
    assert ("store" in made) == stays
    assert bool(notes) != stays
