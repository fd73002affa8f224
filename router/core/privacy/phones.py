"""Telephone numbers, checked against every country's numbering plan by the phonenumbers library."""

from collections.abc import Callable
from functools import cache

INTERNATIONAL = r"(?:\+|\b00)[ ]?\(?[1-9](?:[ ./()-]{0,3}[0-9]){6,14}"
AMERICAN = r"(?:\([2-9]\d\d\)[ ]?|\b[2-9]\d\d[-.])[2-9]\d\d[-. ]\d{4}\b"
NATIONAL = r"[0-9(](?:[ ./()-]{0,3}[0-9]){6,13}"
ADDRESS = r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d|\d{4}-\d\d-\d\d"
"""No number: an address of the internet, or a date."""
ANNOUNCED = (
    r"(?i)\b(?:tel|fon|fax|phone|mobile?|handy|cell|whatsapp|call|ring|text|dial|sms|hotline|anruf|rufnummer|"
    r"t[eé]l[eé]fono?|t[eé]l[eé]phone|telefoon|appel|portable|llam|m[oó]vil|celular|cellulare|"
    r"contact|kontakt|reach)[^0-9(\n]{0,24}[0-9(]"
)
REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "BR", "IN", "PL", "CH", "AT", "AU", "BE", "SE", "JP", "CN", "MX")
"""Whose plan a number without a country code is tried by, and only near a word that announces one."""
NOWHERE = ("ZZ",)
LOOKUPS = 128
"""Looked up in the library at most, for one request: each takes some hundred microseconds."""


def is_phone(text: str, regions: tuple[str, ...] = NOWHERE) -> bool:
    """Whether `text` is a number that its country (or one of `regions`) gives out.

    The library is imported at the first number, 50 ms once. Raises ImportError where it is missing.
    """
    valid = _library()
    written = "+" + text[2:] if text.startswith("00") else text
    return any(valid(written, region) for region in regions)


@cache
def _library() -> Callable[[str, str], bool]:
    from phonenumbers import is_valid_number, parse
    from phonenumbers.phonenumberutil import NumberParseException

    def valid(text: str, region: str) -> bool:
        try:
            return is_valid_number(parse(text, region))
        except NumberParseException:
            return False

    return valid
