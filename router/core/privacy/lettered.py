"""National numbers that mix letters and digits: a pattern each, and the check behind it."""

from collections.abc import Callable
from dataclasses import dataclass

from router.core.privacy.birthdays import is_date
from router.core.privacy.checksums import weighted

DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
CF_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
CN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CURP = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
SEP = "[ .-]?"


@dataclass(frozen=True, slots=True)
class LetteredNumber:
    """One number: `pattern` finds it in any case, `holds` checks it in capitals and without separators.

    Where `near` is given, one of its words must stand close by.
    """

    name: str
    pattern: str
    holds: Callable[[str], bool]
    near: str = ""


def uk_nino(text: str) -> bool:
    """A prefix that is given out; there is no check digit (HMRC)."""
    return text[:2] not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")


def es_dni(text: str) -> bool:
    """The letter is the number modulo 23; X, Y, Z stand for 0, 1, 2."""
    number = text[:-1].translate({88: "0", 89: "1", 90: "2"})
    return DNI[int(number) % 23] == text[-1]


def it_fiscal(text: str) -> bool:
    """Sixteen characters, the last by the Agenzia's two tables of odd and even places."""
    total = 0
    for place, letter in enumerate(text[:15]):
        value = int(letter) if letter.isdigit() else ord(letter) - 65
        total += value if place % 2 else CF_ODD[value]
    return chr(65 + total % 26) == text[15]


def cn_resident(text: str) -> bool:
    """Birthday, and ISO 7064 MOD 11-2."""
    return is_date(text[10:12], text[12:14]) and "10X98765432"[weighted(text, CN_WEIGHTS) % 11] == text[17]


def fi_person(text: str) -> bool:
    """Birthday, and the remainder by 31 as a character."""
    digits = text[:6] + text[7:10]
    return is_date(text[2:4], text[:2]) and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(digits) % 31] == text[10]


def fr_corsica(text: str) -> bool:
    """A NIR from Corsica: 2A counts as 19, 2B as 18."""
    digits = text.replace("2A", "19", 1) if "2A" in text else text.replace("2B", "18", 1)
    return 97 - int(digits[:13]) % 97 == int(digits[13:])


def ie_pps(text: str) -> bool:
    """Weights 8 to 2 and 9 for the second letter, modulo 23."""
    second = ord(text[8]) - 64 if len(text) == 9 else 0
    return "WABCDEFGHIJKLMNOPQRSTUV"[(weighted(text[:7], range(8, 1, -1)) + 9 * second) % 23] == text[7]


def sg_nric(text: str) -> bool:
    """Weights 2 7 6 5 4 3 2, the letters of the series, modulo 11."""
    total = weighted(text[1:8], (2, 7, 6, 5, 4, 3, 2)) + {"T": 4, "G": 4, "M": 3}.get(text[0], 0)
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "KLJNPQRTUWX"}
    place = 10 - total % 11 if text[0] == "M" else total % 11
    return letters[text[0]][place] == text[8]


def cl_rut(text: str) -> bool:
    """Weights 2 to 7 from the right, modulo 11."""
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(text[:-1])))
    return "0K987654321"[total % 11] == text[-1]


def mx_curp(text: str) -> bool:
    """Birthday, and weights 18 downwards over an alphabet of 37, modulo 10."""
    total = sum(CURP.index(letter) * (18 - place) for place, letter in enumerate(text[:17]))
    return is_date(text[6:8], text[8:10]) and str(-total % 10) == text[17]


def in_pan(text: str) -> bool:
    """The fourth letter says that it is a person's."""
    return text[3] == "P"


LETTERED = (
    LetteredNumber("uk_nino", rf"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]{SEP}\d\d{SEP}\d\d{SEP}\d\d{SEP}[A-D]", uk_nino),
    LetteredNumber("es_dni", rf"(?:\d{{8}}|\d\d\.\d{{3}}\.\d{{3}}){SEP}[A-HJ-NP-TV-Z]", es_dni),
    LetteredNumber("es_dni", rf"[XYZ]{SEP}\d{{7}}{SEP}[A-HJ-NP-TV-Z]", es_dni),
    LetteredNumber(
        "it_fiscal",
        rf"[A-Z]{{3}} ?[A-Z]{{3}}{SEP}[\dLMNP-V]{{2}}[A-EHLMPRST][\dLMNP-V]{{2}}{SEP}[A-Z][\dLMNP-V]{{3}}[A-Z]",
        it_fiscal,
    ),
    LetteredNumber("cn_resident", r"[1-9]\d{16}[\dX]", cn_resident),
    LetteredNumber("fi_person", r"[0-3]\d[01]\d{3}[-+A-FU-Y]\d{3}[\dA-FHJ-NPR-Y]", fi_person),
    LetteredNumber("fr_corsica", r"[12] ?\d\d ?\d\d ?2[AB] ?\d{3} ?\d{3} ?\d\d", fr_corsica),
    LetteredNumber("ie_pps", r"\d{7}[A-W][A-IW]?", ie_pps, near=r"\bpps"),
    LetteredNumber("sg_nric", r"[STFGM]\d{7}[A-Z]", sg_nric),
    LetteredNumber("cl_rut", r"\d{1,2}\.\d{3}\.\d{3}-[\dK]", cl_rut),
    LetteredNumber("mx_curp", r"[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{5}[A-Z\d]\d", mx_curp),
    LetteredNumber("in_pan", r"[A-Z]{3}P[A-Z]\d{4}[A-Z]", in_pan, near=r"\bpan\b"),
)
