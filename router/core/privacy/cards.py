"""Payment cards: the number ranges that issuers use, and the Luhn digit."""

from router.core.privacy.checksums import luhn

LONG, EITHER = frozenset({16}), frozenset({16, 17, 18, 19})
# First six digits from, to, and the lengths in use there (ISO/IEC 7812 ranges as the networks publish them).
RANGES = (
    (222100, 272099, LONG),  # Mastercard
    (300000, 305999, frozenset({14, 16})),  # Diners Club
    (309500, 309599, frozenset({14, 16})),
    (340000, 349999, frozenset({15})),  # American Express
    (352800, 358999, EITHER),  # JCB
    (360000, 369999, frozenset({14, 16})),
    (370000, 379999, frozenset({15})),
    (380000, 399999, frozenset({14, 16})),
    (400000, 499999, frozenset({13, 16, 19})),  # Visa
    (500000, 509999, frozenset({16, 18, 19})),  # Maestro, Elo, Verve
    (510000, 559999, LONG),  # Mastercard
    (560000, 589999, frozenset({16, 18, 19})),  # Maestro
    (600000, 659999, EITHER),  # Discover, UnionPay, RuPay, Elo, Maestro
    (670000, 679999, EITHER),  # Maestro
    (810000, 817199, EITHER),  # UnionPay, RuPay
    (979200, 979299, LONG),  # Troy
)
GROUPS = frozenset({(4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 4, 4, 4, 2), (4, 4, 4, 4, 1), (4, 6, 5), (4, 6, 4), (6, 13)})


def is_card(digits: str) -> bool:
    """Whether `digits` can be a card's number: a length its range uses, and a right Luhn digit."""
    if not 13 <= len(digits) <= 19:
        return False
    prefix, length = int(digits[:6]), len(digits)
    for first, last, lengths in RANGES:
        if first <= prefix <= last:
            return length in lengths and len(set(digits)) > 1 and luhn(digits)
    return False
