"""The set is the same every time, says what it holds, and holds what it says."""

from router.core.privacy.detect import KINDS
from router.core.privacy.lettered import LETTERED
from router.core.privacy.people import NUMBERS
from router.reports.specimens import SHAPES, digest, specimens


def test_the_same_program_makes_the_same_texts() -> None:
    assert specimens() == specimens()
    assert digest(specimens()) == digest(specimens())
    assert digest(specimens()) != digest(specimens()[1:])


def test_every_kind_and_every_number_is_there_plain_and_every_kind_disguised() -> None:
    made = specimens()
    assert {one.kind for one in made if not one.disguised} == {*KINDS, ""}
    assert {one.kind for one in made if one.disguised} == set(KINDS)
    assert (
        {one.by for one in made if one.kind == "national_id"}
        == {one.name for one in (*NUMBERS, *LETTERED)}
        == set(SHAPES)
    )


def test_a_third_of_the_texts_hold_nothing() -> None:
    made = specimens()
    nothing = [one for one in made if not one.kind]
    assert 0.3 < len(nothing) / len(made) < 0.4


def test_numbers_are_given_a_right_check() -> None:
    strong = {number.name: number.holds for number in NUMBERS if number.plain}
    plain = [one for one in specimens() if one.by in strong and not one.disguised]
    assert len(plain) > 50
    for one in plain:
        digits = "".join(filter(str.isdigit, one.form))
        assert strong[one.by](digits), one
