"""The check digits that cards, accounts and national numbers carry."""

from collections.abc import Sequence

DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_D = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_P = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def luhn(digits: str) -> bool:
    """Whether the Luhn sum of `digits` (ISO/IEC 7812-1, annex B) is a multiple of ten."""
    odd = sum(map(int, digits[-1::-2]))
    return (odd + sum(DOUBLED[int(digit)] for digit in digits[-2::-2])) % 10 == 0


def mod_97(text: str) -> int:
    """The remainder by 97 of `text` read as a number, letters as 10 to 35 (ISO 7064, as IBANs use it)."""
    return int("".join(str(int(letter, 36)) for letter in text)) % 97


def verhoeff(digits: str) -> bool:
    """Whether `digits` ends with its check digit by Verhoeff's dihedral scheme (1969)."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = int(_D[check][int(_P[place % 8][int(digit)])])
    return check == 0


def weighted(digits: str, weights: Sequence[int]) -> int:
    """The sum of the first digits, each times its weight."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def mod_11_10(digits: str) -> bool:
    """Whether `digits` ends with its check digit by ISO 7064, MOD 11,10."""
    product = 10
    for digit in digits[:-1]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[-1])


def ean_13(digits: str) -> bool:
    """Whether the 13 `digits` end with their check digit as an EAN's do."""
    return weighted(digits, (1, 3) * 6 + (1,)) % 10 == 0
