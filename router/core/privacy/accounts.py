"""Bank accounts: IBANs by country, length and the two check digits."""

import re

from router.core.privacy.checksums import mod_97

# Characters of an IBAN by country, from SWIFT's IBAN registry.
LENGTHS = {
    country: length
    for length, countries in (
        (15, "NO"), (16, "BE"), (18, "DK FI FK FO GL NL SD"), (19, "MK SI"), (20, "AT BA EE KZ LT LU MN XK"),
        (21, "CH HR LI LV"), (22, "BG BH CR DE GB GE IE ME RS VA"), (23, "AE GI IL IQ OM SO TL"),
        (24, "AD CZ ES MD PK RO SA SE SK TN VG"), (25, "LY PT ST"), (26, "IS TR"),
        (27, "BI DJ FR GR IT MC MR SM"), (28, "AL AZ BY CY DO GT HN HU LB NI PL SV"),
        (29, "BR EG PS QA UA"), (30, "JO KW MU YE"), (31, "MT SC"), (32, "LC"), (33, "RU"),
    )
    for country in countries.split()
}  # fmt: skip
HEAD = rf"(?i)(?:\b|_|iban)(?:{'|'.join(sorted(LENGTHS))})[ .-]?[0-9]{{2}}[ .*-]{{0,5}}[0-9A-Z]"
GLUED = re.compile("(?i)(?:_|iban)?")
"""What may stand before one without a space."""
REACH = 80  # as far as an IBAN can go with five separators after every fourth character
DIGITS_ONLY = frozenset("AE AT BE CR CZ DE DK EE ES FI FO GL HR HU IL IS LT ME NO PL PT RS SE SI SK TN XK".split())
"""Countries whose accounts have no letters: a word inside is then a word."""
JOINED = frozenset(" .*-\t")


def is_iban(text: str) -> bool:
    """Whether `text` begins with an IBAN: a country that has them, its length, and check digits that are right."""
    text = GLUED.sub("", text, count=1)
    length = LENGTHS.get(text[:2].upper(), 0)
    iban = ""
    for letter in text:
        if letter.isascii() and letter.isalnum():
            iban += letter.upper()
        elif letter not in JOINED:
            break
        if len(iban) == length:
            whole = iban[4:].isdigit() or iban[:2] not in DIGITS_ONLY
            return whole and iban[2:4].isdigit() and mod_97(iban[4:] + iban[:4]) == 1
    return False
