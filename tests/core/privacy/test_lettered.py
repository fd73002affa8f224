"""National numbers with letters: published examples hold, a wrong check does not."""

import re

import pytest

from router.core.privacy.lettered import LETTERED

EXAMPLES = {
    "uk_nino": ["AB123456C"],
    "es_dni": ["12345678Z", "X1234567L"],
    "it_fiscal": ["RSSMRA85T10A562S"],
    "cn_resident": ["11010519491231002X"],
    "fi_person": ["131052-308T"],
    "fr_corsica": ["154042A12345681", "154042B12345611"],
    "ie_pps": ["1234567FA", "1234567T"],
    "sg_nric": ["S1234567D", "T0000001E", "F1234567N", "G1234567X", "M1234567K"],
    "cl_rut": ["12.345.678-5"],
    "mx_curp": ["HEGG560427MVZRRL04"],
    "in_pan": ["ABCPE1234F"],
}
WITHOUT_CHECK = {"uk_nino", "in_pan"}
CASES = [(number, text) for number in LETTERED for text in EXAMPLES[number.name]]


def stripped(name: str, text: str) -> str:
    return text if name == "fi_person" else "".join(filter(str.isalnum, text))


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_published_example_is_found_and_holds(name: str) -> None:
    for text in EXAMPLES[name]:
        held = [
            number.holds(stripped(name, text))
            for number in LETTERED
            if number.name == name and re.fullmatch(number.pattern, text)
        ]
        assert held == [True], text


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - WITHOUT_CHECK))
def test_another_last_letter_does_not_hold(name: str) -> None:
    text = stripped(name, EXAMPLES[name][0])
    place = 7 if name == "ie_pps" else len(text) - 1
    others = [o for o in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if o != text[place]]
    number = next(n for n in LETTERED if n.name == name)
    same = [o for o in others if o.isdigit() == text[place].isdigit() or name in ("cn_resident", "fi_person", "cl_rut")]
    assert not any(number.holds(text[:place] + other + text[place + 1 :]) for other in same)


def test_a_prefix_never_given_out_is_no_insurance_number() -> None:
    number = next(n for n in LETTERED if n.name == "uk_nino")
    assert not number.holds("BG123456C")
