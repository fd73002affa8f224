"""National numbers of digits alone: published examples hold, and most neighbours do not."""

import pytest

from router.core.privacy.people import NUMBERS

# Published examples: of the issuing office, or of the standard's own article.
EXAMPLES = {
    "us_ssn": "078051120",
    "us_itin": "900700000",
    "uk_nhs": "9434765919",
    "de_tax": "86095742719",
    "fr_nir": "255081416802538",
    "nl_bsn": "111222333",
    "br_cpf": "12345678909",
    "in_aadhaar": "234123412346",
    "pl_pesel": "44051401359",
    "ch_ahv": "7569217076985",
    "se_person": "8112189876",
    "no_person": "01010750160",
    "dk_person": "2110625629",
    "be_person": "85073003328",
    "pt_tax": "123456789",
    "ca_sin": "130692544",
    "au_tax": "123456782",
    "jp_number": "123456789018",
    "kr_resident": "8001011234567",
    "za_person": "8001015009087",
    "tr_person": "10000000146",
    "ro_person": "1800101221144",
    "cz_person": "7103192745",
}
WITHOUT_CHECK = {"us_ssn", "us_itin", "dk_person", "kr_resident"}


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: f"{number.name}-{number.length}")
def test_a_published_example_holds(number: object) -> None:
    name, length = number.name, number.length  # type: ignore[attr-defined]
    example = EXAMPLES[name] if len(EXAMPLES[name]) == length else "19" + EXAMPLES[name]
    assert number.holds(example)  # type: ignore[attr-defined]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: f"{number.name}-{number.length}")
def test_a_wrong_last_digit_does_not_hold_where_there_is_a_check(number: object) -> None:
    name, length = number.name, number.length  # type: ignore[attr-defined]
    if name in WITHOUT_CHECK:
        return
    example = EXAMPLES[name] if len(EXAMPLES[name]) == length else "19" + EXAMPLES[name]
    wrong = [example[:-1] + last for last in "0123456789" if last != example[-1]]
    assert not any(number.holds(one) for one in wrong)  # type: ignore[attr-defined]


def test_every_number_is_written_in_pieces_that_add_up_and_is_believed_somehow() -> None:
    for number in NUMBERS:
        assert all(sum(groups) == number.length for groups in number.groups), number.name
        assert number.groups or number.plain or number.near, number.name
