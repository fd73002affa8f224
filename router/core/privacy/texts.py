"""Every text that a request carries, and what is done so that no disguise of letters hides a number."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote

from router.core.privacy.walk import Walk

ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|[nrtbf\"'\\/])")
ENCODED = 7
"""Digits written as in an address (`%34`), from which on a text is also read with them undone."""
TAGS = re.compile("[\U000e0000-\U000e01ef]")
"""Invisible, and beyond the plane in which Python's engine looks a letter up at once."""
ZEROS = (
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0xF20, 0x1040,
    0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1B50, 0x1BB0, 0x1C40, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xAA50, 0xABF0,
)  # fmt: skip
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe63\uff0d\u2e3a\u2e3b\u301c\uff5e\u00b7\u2022\u2219\u22c5"
HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d"
    "\u202e\u2060\u2061\u2062\u2063\u2064\u2065\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\u3164\ufeff\uffa0"
)
SPACES = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u2800\u3000"
)


@dataclass(frozen=True, slots=True)
class Texts:
    """`whole`: every text of a request, plain, parts kept apart by a line of its own. `unseen`: whether
    something is there that no detector reads (a picture, sound, a file's bytes); `unread`: whether words are
    there that only their model knows (a prompt in tokens)."""

    whole: str
    unseen: bool
    unread: bool = False


def texts_of(body: Mapping[str, Any], limit: int) -> Texts | None:
    """What `body` holds in words: messages of every role, tool results, arguments and descriptions, names of
    files, keys and values alike; None where it is more than `limit` characters, or more values than are visited."""
    walk = Walk(room=limit)
    walk.through(body)
    if walk.over:
        return None
    whole = plain("\n\x00\n".join(walk.pieces))
    if whole.count("%3") >= ENCODED:
        whole = f"{whole}\n\x00\n{unquote(whole)}"
    return Texts(whole, walk.unseen, walk.unread)


def plain(text: str) -> str:
    """`text` in the letters that detectors know: full-width and foreign digits as 0 to 9, one kind of space
    and of dash, nothing invisible, escapes of JSON inside JSON undone."""
    if not text.isascii():
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text)
        odd, replaced = _odd()
        text = TAGS.sub("", odd.sub(lambda found: replaced[found[0]], text))
    text = text.replace("%20", " ") if "%20" in text else text
    return ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _unescaped(found: "re.Match[str]") -> str:
    code = found[1]
    return plain(chr(int(code, 16))) if code else " "


@cache
def _odd() -> tuple["re.Pattern[str]", dict[str, str]]:
    replaced = dict.fromkeys(HIDDEN, "") | dict.fromkeys(SPACES, " ") | dict.fromkeys(DASHES, "-")
    for zero in ZEROS:
        replaced |= {chr(zero + digit): str(digit) for digit in range(10)}
    replaced |= {chr(0xFE00 + code): "" for code in range(16)}
    return re.compile(f"[{re.escape(''.join(sorted(replaced)))}]"), replaced
