"""What a disguise does to a number."""

from random import Random

import pytest

from router.reports.disguises import DISGUISES


@pytest.mark.parametrize("form", DISGUISES)
def test_a_disguise_changes_a_card_and_raises_nothing(form: str) -> None:
    rng = Random(1)
    hidden = DISGUISES[form]("Visa 4111-1111 1111 1111", rng)
    assert hidden != "Visa 4111-1111 1111 1111" or form == "a space after every character"
    assert DISGUISES[form]("ada@lovelace.org", rng)
