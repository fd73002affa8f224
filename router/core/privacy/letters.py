"""Letters in disguise: what every digit, dash, space and mark of Unicode means to a detector."""

import re
import unicodedata
from functools import cache
from itertools import groupby

PLANES = range(0x80, 0x20000)
"""Where Unicode has digits and marks; the invisible ones beyond are `TAGS`."""
TAGS = range(0xE0000, 0xE1000)
DASHES = "\u02d7\u2027\u2043\u2212\u2500\u2501\u00b7\u2022\u2219\u22c5\u30fb\uff5e"
"""What stands for a dash though Unicode calls it another thing."""
BLANK = "\u2800"
HIDDEN = "\u115f\u1160\u2065\u3164\uffa0"
"""Invisible, though Unicode calls them letters or nothing yet."""
GONE, JOINT = frozenset({"Cc", "Cf"}), frozenset({"Zs", "Zl", "Zp"})
"""Controls and formats; kinds of space."""
MARKS = ("COMBINING", "VARIATION", "MONGOLIAN FREE", "KHMER VOWEL INHERENT")
"""Names of what stands over, under, around or through any letter. A script's own vowels and accents are left alone."""


def revealed(text: str) -> str:
    """`text`, in NFKC, with every digit as 0 to 9, one kind of space and of dash, nothing invisible or struck out."""
    near, far, said = _tables()
    return near.sub(lambda found: said[found[0]], far.sub(lambda found: said[found[0]], text))


@cache
def _tables() -> tuple["re.Pattern[str]", "re.Pattern[str]", dict[str, str]]:
    """What is replaced in the first plane, and beyond it, and by what. It takes some 30 ms, once."""
    said = {letter: meant for code in PLANES if (meant := _meant(letter := chr(code))) is not None}
    said |= dict.fromkeys(DASHES, "-") | dict.fromkeys(HIDDEN, "") | {BLANK: " "} | dict.fromkeys(map(chr, TAGS), "")
    near, far = (_class([one for one in said if (one > "\uffff") is beyond]) for beyond in (False, True))
    # Python's engine looks a letter up at once in the first plane alone; so the long list comes after a short one.
    return re.compile(near), re.compile(f"[\U00010000-\U0010ffff](?<={far})"), said


def _class(letters: list[str]) -> str:
    """What matches any of `letters`: in ranges, which the engine tries one after another."""
    codes = sorted(map(ord, letters))
    runs = (list(run) for _, run in groupby(enumerate(codes), lambda placed: placed[1] - placed[0]))
    return "[" + "".join(f"{re.escape(chr(run[0][1]))}-{re.escape(chr(run[-1][1]))}" for run in runs) + "]"


def _meant(letter: str) -> str | None:
    """What `letter` stands for; None where it stands for itself."""
    kind = unicodedata.category(letter)
    if kind in ("Nd", "No"):
        digit = unicodedata.digit(letter, None)
        return None if digit is None else str(digit)
    if kind in ("Mn", "Me"):
        return "" if unicodedata.name(letter).startswith(MARKS) else None
    if kind == "Pd":
        return "-"
    return " " if kind in JOINT or letter == "\x85" else "" if kind in GONE else None
