"""Every text that a request carries, and what is done so that no disguise of letters hides a number."""

import re
import sys
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from html.entities import html5
from typing import Any
from urllib.parse import unquote

from router.core.privacy.letters import revealed
from router.core.privacy.walk import Walk

HEX = "[0-9a-fA-F]"
ESCAPE = re.compile(
    rf"\\{{1,4}}(?:u([dD][89abAB]{HEX}{{2}})\\{{1,4}}u([dD][c-fC-F]{HEX}{{2}})"
    rf"|(?:u({HEX}{{4}})|U({HEX}{{8}})|x({HEX}{{2}})|[ux]\{{({HEX}{{1,8}})\}}))"
    r"|\\[nrtbf\"'\\/]"
)
"""A letter as JSON, Python, Rust and their like write it, escaped once more or not, also in two halves of UTF-16."""
ENTITY = re.compile(r"&(?:amp;){0,3}(#0{0,5}[0-9]{2,3}(?![0-9]);?|#[0-9]{4,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z]{2,12};)")
"""A letter as HTML writes it. Without its semicolon only a short number is one: a longer may be somebody's."""
ENCODED = 7
"""Digits written as in an address (`%34`), from which on a text is also read with them undone."""


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
    and of dash, nothing invisible or struck out, escapes of JSON inside JSON and of HTML undone."""
    if not text.isascii():
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text)
        text = revealed(text)
    if "&" in text:
        text = ENTITY.sub(lambda found: _entity(found[1]), text)
    text = text.replace("%20", " ") if "%20" in text else text
    return ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _entity(name: str) -> str:
    letter = unescape(f"&{name}") if name[0] == "#" else html5.get(name, " ")
    return letter if letter.isascii() else plain(letter)


def _unescaped(found: "re.Match[str]") -> str:
    if found[1]:
        return plain(bytes.fromhex(found[1] + found[2]).decode("utf-16-be"))
    if found.lastindex is None:
        return " "
    code = int(found[found.lastindex], 16)
    return plain(chr(code)) if code <= sys.maxunicode else " "
