"""What a request is about, from a cheap look at its words: code, its language, a field of work."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from classifier.ask import last_ask

LOOKED_AT = 4_000
"""Characters of the last ask that are read: all looks together are linear in them."""

MIN_WORDS = 2
"""Words of a field that must occur before it is named, and of a language before it is."""

_WORD = re.compile(r"[^\W\d_]+")
_CODE = re.compile(
    r"```|</?[a-z]{1,20}>|\b(?:def|class|import|return|function|const|let|var|public|static|void|SELECT|INSERT|UPDATE)\b"
    r"[^\n]{0,60}[(){};=*]|[A-Za-z_]\w{0,40}\([^()\n]{0,80}\)\s*[{;:]|=>|::|\bTraceback\b|\bsegfault\b"
)
_SCRIPTS: tuple[tuple[str, str, str], ...] = (
    ("ja", "\u3040", "\u30ff"), ("ko", "\uac00", "\ud7af"), ("zh", "\u4e00", "\u9fff"), ("ru", "\u0400", "\u04ff"),
    ("ar", "\u0600", "\u06ff"), ("he", "\u0590", "\u05ff"), ("el", "\u0370", "\u03ff"), ("hi", "\u0900", "\u097f"),
    ("th", "\u0e00", "\u0e7f"),
)  # fmt: skip
_COMMON: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "en": frozenset("the of and to is in that it for with you this are what how write be on have from".split()),
        "de": frozenset("der die das und ist nicht ein eine zu mit für von den wie was auf sich im dem ich".split()),
        "fr": frozenset("le la les des et est une pour dans que qui pas sur avec vous ce du au comment quel".split()),
        "es": frozenset("el los las una y es por para con que del se como en qué cuál su más este cuánto".split()),
        "it": frozenset("il gli della di che è per con una non sono come del nel questo quale più perché si".split()),
        "pt": frozenset("os das uma é para com não do da que em um como se mais qual por são seu você".split()),
        "nl": frozenset("het een van en is niet te dat die voor met zijn op aan hoe wat deze naar ik maar".split()),
    }
)
_FIELDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "code": frozenset(
            "code function bug python javascript java rust sql regex api compile debug stack exception git docker "
            "script unittest refactor class variable database query endpoint html css typescript algorithm".split()
        ),
        "math": frozenset(
            "solve equation integral derivative prove theorem matrix probability triangle angle polynomial sum product "
            "percent percentage average calculate compute fraction prime divisible square root geometry algebra".split()
        ),
        "law": frozenset(
            "contract law legal clause liability court plaintiff defendant statute regulation gdpr lawsuit tenant "
            "copyright patent compliance jurisdiction attorney lawyer indemnity".split()
        ),
        "medicine": frozenset(
            "patient diagnosis symptom symptoms treatment dose dosage medication drug disease clinical therapy doctor "
            "blood pain infection vaccine surgery chronic tumor".split()
        ),
        "finance": frozenset(
            "invoice revenue profit tax stock portfolio interest loan mortgage budget balance asset liabilities "
            "accounting ledger equity dividend bond inflation cash".split()
        ),
        "writing": frozenset(
            "essay poem story email letter rewrite summarize summarise tone paragraph headline blog translate draft "
            "proofread slogan novel character lyrics".split()
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Topic:
    """`code`: it holds or wants code. `language`: ISO 639-1. `domain`: a field of work. None: not known."""

    code: bool
    language: str | None
    domain: str | None


def topic_of(body: Mapping[str, Any]) -> Topic:
    """Returns what the last ask of a chat body is about. Total and linear; it counts words and understands nothing."""
    ask = last_ask(body)[:LOOKED_AT]
    words = [word.lower() for word in _WORD.findall(ask)]
    domain = _most(words, _FIELDS)
    return Topic(bool(_CODE.search(ask)) or domain == "code", _language(ask, words), domain)


def _language(ask: str, words: list[str]) -> str | None:
    """The script's language where a fifth of the letters are of it, else the one whose common words occur most."""
    letters = sum(character.isalpha() for character in ask)
    for name, first, last in _SCRIPTS:
        if letters and 5 * sum(first <= character <= last for character in ask) >= letters:
            return name
    return _most(words, _COMMON)


def _most(words: list[str], lists: Mapping[str, frozenset[str]]) -> str | None:
    """The name whose words occur most, None where fewer than `MIN_WORDS` do or two are level."""
    counts = sorted(((sum(word in known for word in words), name) for name, known in lists.items()), reverse=True)
    (most, name), (second, _) = counts[:2]
    return name if most >= MIN_WORDS and most > second else None
