"""Which letters and digits are an IBAN."""

import pytest

from router.core.privacy.accounts import is_iban


@pytest.mark.parametrize(
    "text",
    ["DE89370400440532013000", "DE89 3704 0044 0532 0130 00 please", "gb82-west-1234-5698-7654-32",
     "IBANDE89370400440532013000", "_de89370400440532013000", "DE89** **3704** **0044** **0532** **0130** **00**",
     "DE89 - 3704 - 0044 - 0532 - 0130 - 00",
     "FR14 2004 1010 0505 0001 3M02 606", "NL91ABNA0417164300", "MT84MALT011000012345MTLCAST001S"],
)  # fmt: skip
def test_ibans_of_the_registry_are_known_in_any_writing(text: str) -> None:
    assert is_iban(text)


@pytest.mark.parametrize(
    "text",
    ["DE88370400440532013000", "DE8937040044053201300", "US89370400440532013000", "DE", "", "DE89,3704004405320130"],
)
def test_a_wrong_check_a_wrong_length_or_no_such_country_is_none(text: str) -> None:
    assert not is_iban(text)
