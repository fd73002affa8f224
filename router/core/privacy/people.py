"""National numbers made of digits alone: who issues them, how they are written, how they are checked."""

from collections.abc import Callable
from dataclasses import dataclass

from router.core.privacy.birthdays import is_date
from router.core.privacy.checksums import ean_13, luhn, mod_11_10, verhoeff, weighted


@dataclass(frozen=True, slots=True)
class NationalNumber:
    """One country's number. `groups`: how it is written in pieces, with the separators that may stand between.

    `plain`: whether its check is strong enough to be believed without separators; else, and always
    where `groups` is empty, one of the words of `near` must stand close by; where it is `shy`, whichever
    way it is written.
    """

    name: str
    length: int
    holds: Callable[[str], bool]
    groups: tuple[tuple[int, ...], ...] = ()
    between: str = " -."
    plain: bool = False
    near: str = ""
    shy: bool = False


def us_ssn(d: str) -> bool:
    """Social Security numbers have no check digit: only ranges that were never given out (SSA)."""
    return d[:3] not in ("000", "666") and d[0] != "9" and d[3:5] != "00" and d[5:] != "0000"


def us_itin(d: str) -> bool:
    """Taxpayer numbers: 9xx with a fourth and fifth digit of the IRS's ranges."""
    middle = int(d[3:5])
    return d[0] == "9" and (50 <= middle <= 65 or 70 <= middle <= 88 or 90 <= middle <= 92 or 94 <= middle <= 99)


def uk_nhs(d: str) -> bool:
    """Weights 10 to 2, modulo 11."""
    return (11 - weighted(d, range(10, 1, -1)) % 11) % 11 == int(d[9])


def de_tax(d: str) -> bool:
    """Steuer-ID: of the first ten digits one stands twice or three times, none more; ISO 7064 MOD 11,10."""
    counts = sorted(d[:10].count(digit) for digit in set(d[:10]))
    return d[0] != "0" and counts[-1] in (2, 3) and counts[-2] == 1 and mod_11_10(d)


def fr_nir(d: str) -> bool:
    """Sex, year, month, place, serial, and 97 minus the remainder by 97."""
    month = int(d[3:5])
    return d[0] in "12378" and (1 <= month <= 12 or 20 <= month <= 42 or month >= 50) and _key_97(d)


def nl_bsn(d: str) -> bool:
    """The "eleven test": weights 9 to 2 and −1, modulo 11."""
    return d != "0" * 9 and (weighted(d, range(9, 1, -1)) - int(d[8])) % 11 == 0


def br_cpf(d: str) -> bool:
    """Two check digits, weights 10 and 11 downwards, modulo 11."""
    first = weighted(d, range(10, 1, -1)) * 10 % 11 % 10
    second = weighted(d, range(11, 1, -1)) * 10 % 11 % 10
    return len(set(d)) > 1 and d[9:] == f"{first}{second}"


def in_aadhaar(d: str) -> bool:
    """Verhoeff; never begins with 0 or 1."""
    return d[0] not in "01" and verhoeff(d)


def pl_pesel(d: str) -> bool:
    """Birthday with the century in the month; weights 1 3 7 9, modulo 10."""
    month = int(d[2:4]) % 20
    return is_date(f"{month}", d[4:6]) and weighted(d, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def ch_ahv(d: str) -> bool:
    """756 and an EAN's check digit."""
    return d.startswith("756") and ean_13(d)


def se_person(d: str) -> bool:
    """Birthday (day + 60 for coordination numbers) and Luhn; a century may stand before it."""
    d = d[-10:]
    return is_date(d[2:4], f"{int(d[4:6]) % 60}") and luhn(d)


def no_person(d: str) -> bool:
    """Birthday (day + 40 for D-numbers) and two check digits modulo 11."""
    first = -weighted(d, (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11
    second = -weighted(d, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return is_date(d[2:4], f"{int(d[:2]) % 40}") and d[9:] == f"{first}{second}"


def dk_person(d: str) -> bool:
    """A birthday; the check digit is no longer given out."""
    return is_date(d[2:4], d[:2])


def be_person(d: str) -> bool:
    """Birthday and 97 minus the remainder by 97; a 2 stands before those born since 2000."""
    right = any(97 - int(century + d[:9]) % 97 == int(d[9:]) for century in ("", "2"))
    return is_date(d[2:4], d[4:6]) and right


def pt_tax(d: str) -> bool:
    """Weights 9 to 2, modulo 11."""
    check = 11 - weighted(d, range(9, 1, -1)) % 11
    return d[0] in "1234" and int(d[8]) == (0 if check >= 10 else check)


def ca_sin(d: str) -> bool:
    """Luhn; 0 and 8 begin none."""
    return d[0] not in "08" and luhn(d)


def au_tax(d: str) -> bool:
    """Weights 1 4 3 7 5 8 6 9 10, modulo 11."""
    return weighted(d, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def jp_number(d: str) -> bool:
    """My Number: weights 6 5 4 3 2 7 6 5 4 3 2, modulo 11."""
    rest = weighted(d, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return int(d[11]) == (0 if rest <= 1 else 11 - rest)


def kr_resident(d: str) -> bool:
    """Birthday and a century digit; since 2020 without a check digit."""
    return is_date(d[2:4], d[4:6]) and d[6] in "12345678"


def za_person(d: str) -> bool:
    """Birthday, citizenship 0 to 2, and Luhn."""
    return is_date(d[2:4], d[4:6]) and d[10] in "012" and luhn(d)


def tr_person(d: str) -> bool:
    """Two check digits over odd and even places."""
    odd, even = sum(map(int, d[0:9:2])), sum(map(int, d[1:8:2]))
    return d[0] != "0" and (odd * 7 - even) % 10 == int(d[9]) and sum(map(int, d[:10])) % 10 == int(d[10])


def ro_person(d: str) -> bool:
    """Sex and century, birthday, county, and weights 279146358279, modulo 11."""
    rest = weighted(d, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return d[0] in "12345678" and is_date(d[3:5], d[5:7]) and int(d[12]) == (1 if rest == 10 else rest)


def cz_person(d: str) -> bool:
    """Birthday (month + 50 for women) and divisible by 11."""
    month = int(d[2:4]) % 50
    return is_date(f"{month - 20 if month > 20 else month}", d[4:6]) and int(d) % 11 == 0


def _key_97(d: str) -> bool:
    return 97 - int(d[:-2]) % 97 == int(d[-2:])


NUMBERS = (
    NationalNumber("us_ssn", 9, us_ssn, ((3, 2, 4),), " -", near="ssn|social security"),
    NationalNumber("us_itin", 9, us_itin, ((3, 2, 4),), " -", near="itin|taxpayer"),
    NationalNumber("uk_nhs", 10, uk_nhs, ((3, 3, 4),), " -", near="nhs", shy=True),
    NationalNumber("de_tax", 11, de_tax, ((2, 3, 3, 3),), " ", plain=True, near="steuer|idnr"),
    NationalNumber("fr_nir", 15, fr_nir, ((1, 2, 2, 2, 3, 3, 2), (1, 2, 2, 2, 3, 3, 2), (13, 2)), plain=True),
    NationalNumber("nl_bsn", 9, nl_bsn, ((4, 2, 3),), ".", near="bsn|burgerservice|sofi"),
    NationalNumber("br_cpf", 11, br_cpf, ((3, 3, 3, 2), (9, 2)), plain=True),
    NationalNumber("in_aadhaar", 12, in_aadhaar, ((4, 4, 4),), " -", near="aadha|uidai"),
    NationalNumber("pl_pesel", 11, pl_pesel, plain=True),
    NationalNumber("ch_ahv", 13, ch_ahv, ((3, 4, 4, 2),), plain=True),
    NationalNumber("se_person", 10, se_person, ((6, 4),), "-", near="personnummer|personnr"),
    NationalNumber("se_person", 12, se_person, ((8, 4),), "-", near="personnummer|personnr"),
    NationalNumber("no_person", 11, no_person, ((6, 5),), plain=True),
    NationalNumber("dk_person", 10, dk_person, near="cpr"),
    NationalNumber("be_person", 11, be_person, ((2, 2, 2, 3, 2),), " .-", plain=True),
    NationalNumber("pt_tax", 9, pt_tax, near=r"\bnif\b|contribuinte"),
    NationalNumber("ca_sin", 9, ca_sin, near=r"\bsin\b|social insurance"),
    NationalNumber("au_tax", 9, au_tax, near=r"\btfn\b|tax file"),
    NationalNumber("jp_number", 12, jp_number, near="my ?number|マイナンバー|個人番号"),
    NationalNumber("kr_resident", 13, kr_resident, ((6, 7),), "-", near="rrn|resident|주민"),
    NationalNumber("za_person", 13, za_person, plain=True),
    NationalNumber("tr_person", 11, tr_person, plain=True),
    NationalNumber("ro_person", 13, ro_person, plain=True),
    NationalNumber("cz_person", 10, cz_person, near="rodn|rč"),
)
