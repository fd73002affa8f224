"""Forms of request: told apart by options, tools and application; what too few had is not known."""

import pytest

from classifier.conversation import conversation_of
from classifier.features import extract, packed
from classifier.forms import UNSEEN, Forms, key, name

CHOICE = {"messages": [{"role": "user", "content": "Which is a fruit?\nA. Bolt\nB. Plum\nC. Nail\nD. Peg"}]}
PLAIN = {"messages": [{"role": "user", "content": "Name a fruit"}]}
TOOLS = PLAIN | {"tools": [{"type": "function", "function": {"name": "pick", "parameters": {}}}]}


def forms(**questions: int) -> Forms:
    return Forms({said.replace("_", " "): n for said, n in questions.items()}, 3, 0.2, 0.125)


def test_a_form_is_known_by_its_options_its_tools_and_an_application_elsewhere() -> None:
    known = forms(**{"0_options": 3, "4_options,_tools": 3, "0_options,_another_application": 3})
    assert not known.unseen(extract(PLAIN), False)
    assert not known.unseen(extract(PLAIN), True)
    assert known.unseen(extract(CHOICE), False)
    assert known.unseen(extract(TOOLS), False)
    assert forms(**{"0_options,_tools": 3}).unseen(extract(PLAIN), False)


def test_fewer_questions_than_the_least_are_none() -> None:
    assert forms(**{"4_options": 2}).unseen(extract(CHOICE), False)
    assert not forms(**{"4_options": 3}).unseen(extract(CHOICE), False)


@pytest.mark.parametrize("body", [PLAIN, CHOICE, TOOLS])
def test_a_row_and_its_bytes_have_one_form(body: dict[str, object]) -> None:
    for known in (forms(**{"4_options": 9}), forms(**{"0_options,_tools": 9}), forms(**{"0_options": 9})):
        assert known.unseen(extract(body), False) == known.unseen(packed(body, conversation_of(body)), False)


def test_no_two_forms_share_a_key_or_a_name() -> None:
    every = [(options, tools, far) for options in range(13) for tools in (False, True) for far in (False, True)]
    assert len({key(*form) for form in every}) == len({name(*form) for form in every}) == len(every)


def test_what_is_expected_is_the_mean_and_one_deviation_more() -> None:
    place = forms().place
    assert (place.level, place.base, place.steps, place.offset) == (UNSEEN, 0.2, ((UNSEEN, 0.125),), 0.0)
    assert place.total == 0.325
