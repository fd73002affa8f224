"""Dates inside national numbers: most begin with a date of birth."""

DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_date(month: str, day: str) -> bool:
    """Whether there is such a day in some year."""
    m, d = int(month), int(day)
    return 1 <= m <= 12 and 1 <= d <= DAYS[m - 1]
