"""How an answer's value relates to its request: whole or not, taken from the ask or made up, a fitting function."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import log10, nan
from typing import Any

import orjson

from classifier.ask import last_ask
from classifier.choosing import Option, offered
from classifier.values_kind import Kind, looked_at, written_options
from classifier.values_plain import said, tidy, words
from classifier.wording import figures

FEATURES = ("value_whole", "value_size", "value_grounded", "value_ungrounded", "call_overlap", "call_overlap_most")
UNKNOWN = (nan,) * len(FEATURES)

ASK_CHARS, MAX_WORDS, MAX_PARTS = 8_192, 8, 64
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_WORD = re.compile(r"[A-Z]?[a-z]+")
_SMALL = frozenset(
    "the and for that with what how are from can you its not this your has have will all one any".split()
)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a request says, as values are held against it: figures, letters, words, each tool's words, its options."""

    figures: frozenset[str]
    letters: str
    stems: frozenset[str]
    tools: Mapping[str, frozenset[str]]
    options: Mapping[str, Option] = field(default_factory=dict)


def ground_of(body: Mapping[str, Any], kind: Kind | None) -> Ground | None:
    """Returns what the last ask of a chat body says; None where nothing of it is compared. Linear, both capped."""
    if kind is None or kind == "code":
        return None
    ask = last_ask(body)[:ASK_CHARS]
    tools = {words(name): _stems(f"{name} {about}") for name, about in _tools_of(body)} if kind == "tools" else {}
    letters = "" if kind in ("number", "choice") else said(tidy(ask))
    options = offered(written_options(looked_at(body))) if kind == "choice" else {}
    return Ground(frozenset(figures(ask)), letters, _stems(ask) if tools else frozenset(), tools, options)


def stands(value: str | None, kind: Kind | None, ground: Ground | None) -> tuple[float, ...]:
    """Returns `FEATURES` of a canonical value, NaN where a thing is not known; total.

    `value_whole`: 1 for a whole number, 0 for a broken one, -1 for an expression. `value_size`: log10 of what it
    counts, or the place of a lettered choice. `value_grounded`: share of its parts (a number, a call's arguments, the
    leaves of JSON) that stand in the ask; `value_ungrounded`: how many do not. `call_overlap`: least share of a called
    function's words that the ask uses; `call_overlap_most`: the greatest of any tool on offer.
    """
    if value is None or ground is None:
        return UNKNOWN
    if kind == "number":
        return _number(value, ground)
    if kind == "choice":
        return (nan, float(ord(value[0]) - ord("A")), nan, nan, nan, nan)
    if kind in ("tools", "json"):
        return _structured(value, ground)
    held = float(value in ground.letters)
    return (nan, nan, held, 1.0 - held, nan, nan)


def _number(value: str, ground: Ground) -> tuple[float, ...]:
    held = float(value in ground.figures)
    try:
        number = float(value)
    except ValueError:
        return (-1.0, nan, nan, nan, nan, nan)
    return (float(number.is_integer()), log10(abs(number) + 1), held, 1.0 - held, nan, nan)


def _structured(value: str, ground: Ground) -> tuple[float, ...]:
    try:
        parsed = orjson.loads(value)
    except orjson.JSONDecodeError:  # JSON of one answer key is that answer
        return (nan, nan, float(value in ground.letters), float(value not in ground.letters), nan, nan)
    held = [_held(leaf, ground) for _, leaf in zip(range(MAX_PARTS), _leaves(parsed), strict=False)]
    share = sum(held) / len(held) if held else nan
    least, most = nan, nan
    if ground.tools and isinstance(parsed, list):
        fits = {name: len(own & ground.stems) / max(1, min(len(own), MAX_WORDS)) for name, own in ground.tools.items()}
        called = [fits.get(call[0], 0.0) for call in parsed if isinstance(call, list) and call]
        least, most = min(called, default=nan), max(fits.values())
    return (nan, nan, share, float(len(held) - sum(held)), least, most)


def _leaves(parsed: Any) -> Iterator[str]:
    """Yields the compared texts of a structure; of calls (`[name, arguments]`) the arguments'."""
    if isinstance(parsed, Mapping):
        for part in parsed.values():
            yield from _leaves(part)
    elif isinstance(parsed, list):
        for part in parsed[1:] if len(parsed) == 2 and isinstance(parsed[1], Mapping) else parsed:
            yield from _leaves(part)
    elif isinstance(parsed, str) and parsed not in ("true", "false", "null"):
        yield parsed


def _held(leaf: str, ground: Ground) -> bool:
    if leaf in ground.figures:
        return True
    return bool(leaf) and not _NUMBER.fullmatch(leaf) and leaf in ground.letters


def _tools_of(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    tools = body.get("tools")
    for tool in tools[:128] if isinstance(tools, list) else ():
        function = tool.get("function", tool) if isinstance(tool, Mapping) else None
        if isinstance(function, Mapping):
            yield str(function.get("name", "")), str(function.get("description", ""))[:2_000]


def _stems(text: str) -> frozenset[str]:
    found = (word.lower() for word in _WORD.findall(text))
    return frozenset(word.rstrip("s")[:6] for word in found if len(word) > 2 and word not in _SMALL)
