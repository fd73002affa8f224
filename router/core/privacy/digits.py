"""Digits with separators between them, and the numbers that they may be."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import AnyStr, NamedTuple

from router.core.privacy.cards import GROUPS, is_card
from router.core.privacy.people import NUMBERS, NationalNumber

SOME = r"[0-9](?:(?:[ \t./-]{0,2}| - |\*{1,2}[ -]\*{1,2})[0-9]){8}"
"""Nine digits near each other: without them there is nothing to look for."""
CLUSTER = r"[0-9][0-9 \t./*-]{7,}[0-9]"
WIDE = {" - ": "-", "* *": " ", "** **": " ", "*-*": "-", "**-**": "-"}
"""Separators of more than two characters, and Markdown's stress between groups: the plain ones they stand for."""
NARROW: Mapping[str, str] = {}
MIN_DIGITS = 9
MAX_STRETCHES = 10_000
"""Stretches and numbers in them that are looked at, for one request."""
STRIDE, OVERLAP = 32, 7


class DigitRun(NamedTuple):
    """Digits as they stood from `start` to `end`: in `groups`, pieces of so many, with `between` the separators.

    `wide`: some of those stood for a plain one.
    """

    digits: str
    groups: tuple[int, ...]
    between: str
    start: int
    end: int
    wide: bool = False


def clusters(text: bytes) -> Iterator[tuple[str, int]]:
    """Stretches of digits and separators with their places.

    Not by re2, whose matches cost more than these: one class repeated is linear in Python's engine, too.
    """
    for match in _compiled(CLUSTER.encode()).finditer(text):
        yield match[0].decode(), match.start()


def candidates(cluster: str, start: int) -> Iterator[DigitRun]:
    """What in `cluster`, found at `start`, may be a personal number.

    That is a piece of such a length, pieces in the groups that a number is written in, and a short run whole; all
    once more with wide separators read as plain ones.
    """
    once = _through(cluster, start, NARROW)
    return chain(once, _through(cluster, start, WIDE)) if " - " in cluster or "*" in cluster else once


def _through(cluster: str, start: int, wide: Mapping[str, str]) -> Iterator[DigitRun]:
    run: list[tuple[str, str]] = []
    pieces = _compiled("([0-9]+)([^0-9]*)")
    for found in pieces.finditer(cluster):  # one by one: a stretch may be as long as the request
        piece = found[1], found[2]
        run.append(piece)
        apart = (len(piece[1]) > 2 or "*" in piece[1]) and piece[1] not in wide
        if apart or len(run) == STRIDE + OVERLAP:
            yield from _of_run(run, start)
            done = run if apart else run[:STRIDE]
            start += sum(len(digits) + len(joint) for digits, joint in done)
            run = run[len(done) :]
    yield from _of_run(run, start)


def _of_run(run: list[tuple[str, str]], start: int) -> Iterator[DigitRun]:
    for place, end in _slices(tuple([len(digits) for digits, _ in run])):
        yield _joined(run[:end], place, start)


def _joined(found: Sequence[tuple[str, str]], place: int, start: int) -> DigitRun:
    """The pieces from `place` to the end of `found`, whose first begins at `start`."""
    own = found[place:]
    start += sum(len(digits) + len(joint) for digits, joint in found[:place])
    if len(own) == 1:
        digits = own[0][0]
        # A lone dot before it: a fraction's digits, or a longer number's.
        dotted = place > 0 and found[place - 1][1] == "."
        return DigitRun(digits, () if dotted else (len(digits),), "", start, start + len(digits))
    between = "".join([joint for _, joint in own[:-1]])
    digits = "".join([piece for piece, _ in own])
    groups = tuple([len(piece) for piece, _ in own])
    end, wide = start + len(digits) + len(between), len(between) > len(own) and any(joint in WIDE for _, joint in own)
    if wide:
        between = "".join([WIDE.get(joint, joint) for _, joint in own[:-1]])
    return DigitRun(digits, groups, between, start, end, wide)


@lru_cache(maxsize=4096)
def _slices(lengths: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Where in pieces of these lengths a number may stand; runs are alike, so the answer is kept."""
    shapes, found = _shapes(), []
    for place, length in enumerate(lengths):
        if length >= MIN_DIGITS:
            found.append((place, place + 1))
        for shape in shapes.get(length, ()):
            if lengths[place : place + len(shape)] == shape:
                found.append((place, place + len(shape)))
    if 1 < len(lengths) < STRIDE and sum(lengths) in _lengths() and (0, len(lengths)) not in found:
        found.append((0, len(lengths)))
    return tuple(found)


def card_in(written: DigitRun) -> bool:
    """Whether it is a card's number in one piece, in the groups cards are printed in, or evenly spaced out."""
    usual = len(written.groups) == 1 or written.groups in GROUPS
    even = bool(written.groups) and len(set(written.between)) == 1
    return (usual or even) and is_card(written.digits)


def people_in(written: DigitRun) -> Iterator[tuple[NationalNumber, bool]]:
    """The national numbers that it is, and whether a word that names them must stand close by: it makes up for
    separators that are not the usual ones."""
    for number in _by_length().get(len(written.digits), ()):
        grouped = written.groups in number.groups
        usual = grouped and set(written.between) <= set(number.between) and (number.plain or not written.wide)
        alone = len(written.groups) == 1 or set(written.groups) == {1}
        sure = (usual and not number.shy) or (alone and number.plain)
        if (sure or ((grouped or alone) and number.near)) and number.holds(written.digits):
            yield number, not sure


@cache
def _compiled(pattern: AnyStr) -> "re.Pattern[AnyStr]":
    return re.compile(pattern)


@cache
def _shapes() -> dict[int, tuple[tuple[int, ...], ...]]:
    shapes = {*GROUPS, *(shape for number in NUMBERS for shape in number.groups)}
    return {shape[0]: tuple(sorted(s for s in shapes if s[0] == shape[0])) for shape in shapes}


@cache
def _lengths() -> frozenset[int]:
    return frozenset({*range(13, 20), *_by_length()})


@cache
def _by_length() -> dict[int, tuple[NationalNumber, ...]]:
    lengths = {number.length for number in NUMBERS}
    return {length: tuple(number for number in NUMBERS if number.length == length) for length in lengths}
