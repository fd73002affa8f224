"""What kinds of personal data and secrets a request holds: everything that the detectors find, once."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import re2

from router.core.privacy import accounts, digits, phones
from router.core.privacy.credentials import CREDENTIALS
from router.core.privacy.lettered import LETTERED, LetteredNumber
from router.core.privacy.texts import texts_of

KINDS = ("card", "iban", "email", "phone", "national_id", "secret")
LIMIT = 2_000_000
"""Characters of text that are read; a request of more is unknown, which a local_only rule takes for private."""
EMAIL = r"(?i)[0-9a-z_%+'\x80-\xff-](?:@|%40)[0-9a-z\x80-\xff][0-9a-z.\x80-\xff-]*\.[a-z\x80-\xff]{2}"
VEILED = (
    r"(?i)[0-9a-z] ?[\[({] ?(?:at|@|arroba) ?[\])}] ?[0-9a-z][0-9a-z -]*"
    r"(?:\.|[\[({] ?(?:dot|\.|punto|punkt) ?[\])}]) ?[a-z]{2}"
)
REPOSITORY = re.compile(rb"(?<![0-9a-z_%+'.\x80-\xff-])git@[^@]*\Z", re.IGNORECASE)  # git@host:path is nobody's address
BEFORE, AFTER = 64, 32
WORD = frozenset(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
NAMED = re.compile(rb"(?i)(?:^|[^a-z])(?:(?:credit|debit|kredit)?(?:card|karte)|carte|carta|tarjeta|ccn?|visa|ssn)_?\Z")
"""A word that a number may be written on to."""


@dataclass(frozen=True, slots=True)
class Found:
    """`kinds` were found, each by the detectors in `by` (`card`, `us_ssn`, `github` …); `unknown` could not
    be decided; `unseen`: something is there that no detector reads."""

    kinds: frozenset[str] = frozenset()
    by: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    unseen: bool = False

    def said(self) -> dict[str, bool | None]:
        """The signals: `has_pii`, `pii.KIND` and `pii.unseen`; None is unknown."""
        each = {kind: True if kind in self.kinds else None if kind in self.unknown else False for kind in KINDS}
        whole = True if self.kinds else None if self.unknown else False
        return {"has_pii": whole, **{f"pii.{kind}": value for kind, value in each.items()}, "pii.unseen": self.unseen}


@dataclass(slots=True)
class Search:
    """One look at one text, as UTF-8; what it finds gathers."""

    text: bytes
    kinds: set[str] = field(default_factory=set)
    by: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)

    def note(self, kind: str, by: str) -> None:
        """`by` has found something of `kind`."""
        self.kinds.add(kind)
        self.by.add(by)

    def near(self, words: str, start: int, end: int) -> bool:
        """Whether one of `words` stands close before or after."""
        around = self.text[max(0, start - BEFORE) : end + AFTER]
        return _compiled(f"(?i){words}").search(around) is not None

    def apart(self, start: int, end: int) -> bool:
        """Whether what stands there is no part of a longer word, or of one that names it (`card_4111…`)."""
        before, after = self.text[start - 1 : start], self.text[end : end + 1]
        if after and after[0] in WORD:
            return False
        return not (before and before[0] in WORD) or NAMED.search(self.text[max(0, start - 16) : start]) is not None


def detect(body: Mapping[str, Any]) -> Found:
    """What a chat body holds. Time grows with its length, not with what stands in it.

    Never raises for any body: what a detector cannot decide is `unknown`.
    """
    texts = texts_of(body, LIMIT)
    if texts is None:
        return Found(unknown=frozenset(KINDS), unseen=True)
    search = Search(texts.whole.encode("utf-8", "replace"))
    for kind, look in LOOKS.items():
        try:
            look(search)
        except (ValueError, LookupError, ArithmeticError, ImportError):
            search.unknown.add(kind)
            search.unknown |= {"card"} if kind == "national_id" else set()
    if texts.unread:
        search.unknown |= set(KINDS)
    unseen = texts.unseen or texts.unread
    return Found(frozenset(search.kinds), frozenset(search.by), frozenset(search.unknown), unseen)


def _emails(search: Search) -> None:
    if b"@" in search.text or b"%40" in search.text:
        for match in _compiled(EMAIL).finditer(search.text):
            if not REPOSITORY.search(search.text, max(0, match.start() - 3), match.end()):
                search.note("email", "email")
                return
    if _compiled(VEILED).search(search.text):
        search.note("email", "email")


def _ibans(search: Search) -> None:
    for match in _compiled(accounts.HEAD).finditer(search.text):
        start = match.start()
        if accounts.is_iban(search.text[start : start + accounts.REACH].decode("latin-1")):
            search.note("iban", "iban")
            return


def _digits(search: Search) -> None:
    """Cards and the national numbers that are digits alone."""
    if not _compiled(digits.SOME).search(search.text):
        return
    for looked_at, written in enumerate(_stretches(search.text), 1):
        if {"card", "national_id"} <= search.kinds:
            return
        if looked_at > digits.MAX_STRETCHES:
            search.unknown |= {"card", "national_id"}
            return
        if written is None or not search.apart(written.start, written.end):
            continue
        if "card" not in search.kinds and digits.card_in(written):
            search.note("card", "card")
        if "national_id" not in search.kinds:
            _person(search, written)


def _stretches(text: bytes) -> Iterator[digits.DigitRun | None]:
    """What there is to look at: None for every stretch of digits, and the numbers in it."""
    for cluster, start in digits.clusters(text):
        yield None
        yield from digits.candidates(cluster, start)


def _person(search: Search, written: digits.DigitRun) -> None:
    for number, doubtful in digits.people_in(written):
        if not doubtful or search.near(number.near, written.start, written.end):
            search.note("national_id", number.name)
            return


def _lettered(search: Search) -> None:
    if not _compiled(_any_lettered()).search(search.text):
        return
    for number in LETTERED:
        for match in _compiled(_whole_word(number)).finditer(search.text):
            if _is(number, match.group()) and (not number.near or search.near(number.near, *match.span())):
                search.note("national_id", number.name)
                break


def _is(number: LetteredNumber, found: bytes) -> bool:
    text = found.decode("latin-1").upper()
    if number.name in ("fi_person", "in_pan"):
        return number.holds(text)
    return number.holds("".join(letter for letter in text if letter.isalnum()))


def _secrets(search: Search) -> None:
    if not _compiled("|".join(f"(?:{one.hint})" for one in CREDENTIALS)).search(search.text):
        return
    for credential in CREDENTIALS:
        found = _compiled(credential.pattern).finditer(search.text)
        if any(credential.holds(match.group().decode("latin-1")) for match in found):
            search.note("secret", credential.name)


def _phones(search: Search) -> None:
    looked_up = 0
    for found, regions in _numbers(search):
        looked_up += len(regions)
        if looked_up > phones.LOOKUPS:
            search.unknown.add("phone")
            return
        if phones.is_phone(found, regions):
            search.note("phone", "phone")
            return


def _numbers(search: Search) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Everything that may be a telephone number, the likeliest first, with the regions to try it in."""
    for pattern, regions in ((phones.INTERNATIONAL, phones.NOWHERE), (phones.AMERICAN, ("US",))):
        for match in _compiled(pattern).finditer(search.text):
            if search.apart(*match.span()):
                yield match.group().decode(), regions
    for match in _compiled(phones.ANNOUNCED).finditer(search.text):
        start = match.end() - 1
        national = _compiled(phones.NATIONAL).match(search.text[start : start + BEFORE])
        if national and not _compiled(phones.ADDRESS).match(national.group()):
            yield national.group().decode(), phones.REGIONS


LOOKS: Mapping[str, Callable[[Search], None]] = {
    "email": _emails,
    "iban": _ibans,
    "card": _digits,
    "national_id": _lettered,
    "secret": _secrets,
    "phone": _phones,
}


@cache
def _any_lettered() -> str:
    return rf"(?i)\b(?:{'|'.join(number.pattern for number in LETTERED)})\b"


@cache
def _whole_word(number: LetteredNumber) -> str:
    return rf"(?i)\b(?:{number.pattern})\b"


@cache
def _compiled(pattern: str) -> Any:
    """The pattern, on bytes: re2 takes time that grows with the text alone, whatever stands in it."""
    how = re2.Options()
    how.encoding = re2.Options.Encoding.LATIN1
    how.log_errors = False
    return re2.compile(pattern.encode(), how)
