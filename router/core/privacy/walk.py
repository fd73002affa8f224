"""One walk through a request: every text and number in it, read as its place demands."""

import math
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any
from urllib.parse import unquote

from router.core.privacy.places import BODY, FREE, PART, PLAIN, Holds, Place

MAX_VISITS = 100_000
"""Values that are visited, at about a microsecond each; a request of more is not read at all."""
UNSEEN = frozenset(
    "image_url input_audio file input_image input_file image audio document video_url audio_url "
    "computer_screenshot image_generation_call".split()
)
"""Kinds of objects that bring what no detector reads."""
ADDRESS = re.compile(r"(?i)(data:(?:[\w.+-]+/[\w.+-]+)?(?:;[\w.+-]+=[\w.+\"-]+)*)(;base64)?,")
"""The head of a `data:` address (RFC 2397)."""
DATA = ("d", "D")
READABLE = ("data:,", "data:;", "data:text/", "data:application/json", "data:application/xml")
URL_SAFE = str.maketrans("-_", "+/")
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
MIN_CHARS = 64
"""Characters that bytes have at least; fewer are read as words, whatever they are."""
MADE = re.compile(r"(?:call|toolu|fc|msg|rs|item)_([0-9A-Za-z_-]+)")
"""An id as servers make them. Its `call` announces no telephone number, and hides no card; the rest is read without."""
LONG_KEY = 6
SMALL = 10**6
"""Up to here a number is nobody's."""
EXACT = 2**53
"""From here on a fraction's digits are not those that were sent."""
SEAM = 128
"""How far before and behind the seam of two parts it is searched."""


@dataclass(slots=True)
class Walk:
    """What one walk gathers: the texts in the order they came. `room`: characters that may still come.

    `unseen`: something is there that no detector reads; `unread`: words are there in a model's own code;
    `over`: there is more than may be read.
    """

    room: int
    pieces: list[str] = field(default_factory=list)
    unseen: bool = False
    unread: bool = False
    visits: int = MAX_VISITS

    @property
    def over(self) -> bool:
        """Whether the walk was broken off because the request is too large."""
        return self.room < 0 or self.visits < 0

    def through(self, body: Mapping[str, Any]) -> None:
        """Read all of `body`, or as much as there is room for."""
        stack: list[tuple[str, Any, Place]] = [("", body, BODY)]
        while stack and self.room >= 0 and self.visits >= 0:
            name, value, place = stack.pop()
            self.visits -= 1
            if isinstance(value, str):
                self._text(name, value, place)
            elif isinstance(value, (dict, list, Mapping)):  # in this order: the last is slow to ask for
                if len(value) + len(stack) > self.visits:
                    self.visits = -1  # before it is unrolled, for that alone takes its time
                    return
                stack.extend(self._inside(name, value, place))
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                self.unread = self.unread or place.tokens
                if _is_large(value):
                    self._number(name, value)

    def _inside(self, name: str, value: Any, place: Place) -> Iterable[tuple[str, Any, Place]]:
        """What stands in a list or an object called `name`, last first."""
        if isinstance(value, list):
            if place is PART:
                self._seams(value)
            return zip(repeat(name), reversed(value), repeat(place))
        return self._entries(value, place.of(value.get("type")))

    def _entries(self, value: Mapping[str, Any], place: Place) -> Iterator[tuple[str, Any, Place]]:
        """What an object holds, last first. A key of the client's own goes with the text or number it names,
        and before anything else it stands alone."""
        if str(value.get("type")) in UNSEEN:
            self.unseen = True
        own, keys = place.own, place.keys
        for name, inner in reversed(list(value.items())):
            named = own and (isinstance(inner, str) or _is_large(inner))
            yield name if named else "", inner, keys.get(name, FREE)
            if len(name) >= LONG_KEY and not named and name not in keys:
                yield "", name, PLAIN

    def _say(self, text: str) -> None:
        self.room -= len(text)
        self.pieces.append(text)

    def _text(self, name: str, value: str, place: Place) -> None:
        if place.holds is Holds.WORDS and not value.startswith(DATA):
            self._say(f"{name}: {value}" if name else value)
            return
        if place.holds is Holds.ID and (made := MADE.fullmatch(value)):
            self._say(made[1])
            return
        found = ADDRESS.match(value)
        if found is not None and self._address(value, found, place):
            return
        if place.holds is Holds.BYTES and len(value) > MIN_CHARS and _is_base64(value):
            self.unseen = True
            return
        self._say(f"{name}: {value}" if name else value)

    def _address(self, value: str, found: "re.Match[str]", place: Place) -> bool:
        """Read a `data:` address; False where its text is to be read as well: it is not well formed, or it
        stands where words stand."""
        payload, coded = value[found.end() :], found[2] is not None
        if coded and not _is_base64(payload):
            return False
        readable = value[: found.end()].lower().startswith(READABLE)
        if not readable:
            self.unseen = True
        elif coded:
            self._decoded(payload)
        else:
            self._say(unquote(payload))
        if place.holds is Holds.WORDS or not (coded or readable):
            return False
        self._say(found[0])
        return True

    def _decoded(self, payload: str) -> None:
        """The text in base64; in another coding than UTF-8 it is read as far as that goes, and stays unseen."""
        try:
            said = b64decode(payload.translate(URL_SAFE) + "==").decode("utf-8", "replace")
        except ValueError:
            said = payload
            self.unseen = True
        self.unseen = self.unseen or "\ufffd" in said or "\0" in said
        self._say(said)

    def _number(self, name: str, value: float) -> None:
        if isinstance(value, float):
            self.unseen = self.unseen or abs(value) >= EXACT
            value = int(value) if value.is_integer() else value
        self._say(f"{name}: {value}" if name else str(value))

    def _seams(self, parts: list[Any]) -> None:
        """What the texts of one message say where they meet, for a model reads them as one."""
        texts = [text for part in parts if (text := part.get("text") if isinstance(part, dict) else part)]
        ends = [_ends(text) for text in texts if isinstance(text, str)]
        if len(ends) > 1:
            self._say("".join(ends))
            self._say(" ".join(ends))


def _is_large(value: object) -> bool:
    """Whether it is a number long enough to be somebody's."""
    return isinstance(value, (int, float)) and SMALL < abs(value) < math.inf


def _ends(text: str) -> str:
    return text if len(text) <= 2 * SEAM else f"{text[:SEAM]}\n\0\n{text[-SEAM:]}"


def _is_base64(text: str) -> bool:
    return text.isascii() and not text.rstrip("=").encode().translate(None, BASE64)
