"""Cheap measures of an ask: characters by class, words, numbers, options, families of words."""

from functools import cache
from itertools import repeat
from math import log1p
from operator import truediv

import re2

HEAD, TAIL = 3_072, 1_024
"""Characters looked at from either end of a longer ask; beyond them only its length counts."""

CHARACTERS = (
    ("digit_share", b"0123456789"),
    ("upper_share", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("mark_share", b"!\"#&',-.:;?@_`~"),
    ("bracket_share", b"()[]{}"),
    ("operator_share", b"+*/=^<>%|"),
    ("beyond_ascii_share", bytes(range(128, 256))),
)
"""Classes of UTF-8 bytes that are measured as a share of the text looked at."""

COUNTED = (
    ("lines", b"\n"),
    ("commas", b","),
    ("stops", b".!"),
    ("question_marks", b"?"),
    ("quotes", b'"'),
    ("backslashes", b"\\"),
    ("dollars", b"$"),
    ("backticks", b"`"),
    ("underscores", b"_"),
)
"""Bytes that are counted, as log(1 + n)."""

# The classes are disjoint, so one translation tells them apart; of what is counted only the stops are two bytes.
_CLASS_MARKS = tuple(bytes((mark,)) for mark in range(1, len(CHARACTERS) + 1))
_SINGLE = tuple(members[:1] for _, members in COUNTED)
_STOPS, _SECOND_STOP = next((at, members[1:]) for at, (_, members) in enumerate(COUNTED) if len(members) == 2)

FAMILIES = (
    ("says_calculate", r"\b(?:calculat|comput|evaluat|solve|simplif|determine|integra|deriv)"),
    ("says_how_many", r"\b(?:how (?:many|much|far|long|old)|total|altogether|remain|left over)\b"),
    ("says_prove", r"\b(?:prove|proof|theorem|lemma|polynomial|matrix|modulo|integers?|function f)\b"),
    ("says_code", r"\b(?:def|class|import|return|python|javascript|java|sql|regex|algorithm|compile)\b|```"),
    ("says_write", r"\b(?:write|draft|compose|essay|poem|story|email|blog|song|letter)\b"),
    ("says_translate", r"\b(?:translat|in (?:french|german|spanish|italian|chinese|japanese))"),
    ("says_summarise", r"\b(?:summar|tl;?dr|shorten|key points|paraphras|rewrite|rephrase)"),
    ("says_classify", r"\b(?:classif|sentiment|categor|label|positive or negative|true or false|yes or no)"),
    ("says_extract", r"\b(?:extract|json|xml|csv|fields?|parse|table)\b"),
    ("says_explain", r"\b(?:explain|why|describe|discuss|compare|difference between|step by step)\b"),
    ("says_suppose", r"\b(?:suppose|assume|assuming|given that|if )"),
    ("says_not", r"\b(?:not|except|least likely|incorrect|false|never|cannot)\b"),
    ("says_best", r"\b(?:best|most likely|most appropriate|primarily|following)\b"),
    ("says_statements", r"\b(?:statement (?:1|2|i|ii)|i and ii|all of the above|none of the above)\b"),
    ("says_passage", r"\b(?:passage|paragraph|context|according to|article|document|excerpt)\b"),
    ("says_who", r"\b(?:who|whom|whose|name of|known as|called|capital|located|born|founded|won)\b"),
    ("says_money", r"\b(?:price|cost|tax|interest|profit|revenue|dollars?|loan|invest|market|demand)"),
    ("says_physics", r"\b(?:velocity|mass|force|energy|voltage|current|temperature|pressure|newton|wave)"),
    ("says_chemistry", r"\b(?:molecul|reaction|acid|compound|electron|ion|solution|mol|bond|oxid)"),
    ("says_medicine", r"\b(?:patient|disease|clinical|symptom|treatment|blood|cell|gene|protein|drug)"),
    ("says_law", r"\b(?:court|plaintiff|defendant|statute|contract|liab|constitution|negligen|crime|legal)"),
    ("says_history", r"\b(?:century|war|empire|president|treaty|king|revolution|soviet|colonial|ancient)\b"),
    ("says_mind", r"\b(?:moral|ethic|philosoph|psycholog|argument|theory|belief|social|behavior|wrong)"),
    ("says_machine", r"\b(?:computer|network|program|memory|server|database|learning|bits?|processor)\b"),
)
"""Families of words whose presence is one bit each; one pass of re2 finds them all."""

_OPENERS = (
    ("what", "what's"),
    ("which",),
    ("who", "whose", "whom"),
    ("when",),
    ("where",),
    ("why",),
    ("how",),
    ("is", "are", "was", "were", "do", "does", "did", "can", "could", "should", "will"),
    ("find", "compute", "calculate", "evaluate", "solve", "determine", "simplify", "let", "given"),
    ("if", "suppose", "assume", "consider", "for", "in"),
    ("write", "create", "make", "generate", "give", "list", "compose", "draft"),
    ("explain", "describe", "discuss", "compare", "summarize", "summarise"),
    ("translate", "rewrite", "convert", "classify", "extract", "identify"),
    ("a", "an", "the", "this", "these"),
    ("i", "i'm", "i'd", "my", "we", "you"),
    ("please", "hi", "hello", "hey", "thanks"),
)
_OPTION_MARKS = (b".", b")")


def looked_at(ask: str) -> bytes:
    """Returns at most `HEAD` + `TAIL` characters of the ask, as UTF-8; the cost stays flat above that."""
    if len(ask) > HEAD + TAIL:
        ask = f"{ask[:HEAD]}\n{ask[-TAIL:]}"
    return ask.encode("utf-8", "replace")


def characters(data: bytes) -> list[float]:
    """Returns the shares of `CHARACTERS`, in [0, 1], then the counts of `COUNTED`, as log(1 + n)."""
    shares = map(truediv, map(data.translate(_classes()).count, _CLASS_MARKS), repeat(len(data) or 1))
    counts = list(map(data.count, _SINGLE))
    counts[_STOPS] += data.count(_SECOND_STOP)
    return [*shares, *map(log1p, counts)]


def words(lowered: bytes) -> list[float]:
    """Returns number of words (log), their mean length, the share of distinct ones, the opener's class."""
    found = lowered.split()
    if not found:
        return [0.0, 0.0, 0.0, 0.0]
    n = len(found)
    mean = (len(lowered) - n + 1) / n
    return [log1p(n), mean, len(set(found)) / n, float(opener(found[0]))]


def opener(word: bytes) -> int:
    """Returns the class of an ask's first word, 0 for one of no class."""
    return _opener_classes().get(word.rstrip(b",:;.!?"), 0)


def numbers(data: bytes) -> list[float]:
    """Returns how many runs of digits there are and the longest's value, both as log(1 + n)."""
    runs = data.translate(_digits_only()).split()
    if not runs:
        return [0.0, 0.0]
    largest = max(runs, key=len)[:15]
    return [log1p(len(runs)), log1p(int(largest))]


def options(data: bytes) -> list[float]:
    """Returns the number of lettered options, their mean length, their share of digits and the stem's length."""
    start, mark = _first_option(data)
    if start < 0:
        return [0.0, 0.0, 0.0, log1p(len(data))]
    part = data[start:]
    n = 1
    while n < 12 and b"\n" + bytes((65 + n,)) + mark in part:
        n += 1
    digits = len(part) - len(part.translate(None, b"0123456789"))
    return [float(n), log1p(len(part) / n), digits / len(part), log1p(start)]


def families(data: bytes) -> list[float]:
    """Returns one 0 or 1 for each of `FAMILIES`, in their order."""
    bits = [0.0] * len(FAMILIES)
    for i in _family_set().Match(data) or ():
        bits[i] = 1.0
    return bits


def last_question(lowered: bytes) -> float:
    """Returns the class of the word that opens the sentence before the last question mark, 0 without one."""
    end = lowered.rfind(b"?")
    if end < 0:
        return 0.0
    start = max(lowered.rfind(b". ", 0, end), lowered.rfind(b"\n", 0, end), lowered.rfind(b"? ", 0, end))
    sentence = lowered[max(start, 0) : end].split(None, 2)
    first = sentence[1] if start >= 0 and len(sentence) > 1 and sentence[0] in (b".", b"?") else None
    return float(opener(first or (sentence[0] if sentence else b"")))


def _first_option(data: bytes) -> tuple[int, bytes]:
    if b"\nA" not in data:
        return -1, b""
    for mark in _OPTION_MARKS:
        at = data.find(b"\nA" + mark)
        if at >= 0 and data.find(b"\nB" + mark, at) > 0:
            return at, mark
    return -1, b""


@cache
def _classes() -> bytes:
    """The translation of every byte to the number of its class in `CHARACTERS`, from 1; 0 for none."""
    table = bytearray(256)
    for mark, (_, members) in enumerate(CHARACTERS, start=1):
        for byte in members:
            table[byte] = mark
    return bytes(table)


@cache
def _digits_only() -> bytes:
    return bytes(byte if 48 <= byte <= 57 else 32 for byte in range(256))


@cache
def _opener_classes() -> dict[bytes, int]:
    return {word.encode(): i for i, group in enumerate(_OPENERS, start=1) for word in group}


@cache
def _family_set() -> re2.Set:
    how = re2.Options()
    how.case_sensitive = False
    how.encoding = re2.Options.Encoding.LATIN1
    how.never_capture = True
    how.log_errors = False
    found = re2.Set.SearchSet(how)
    for _, pattern in FAMILIES:
        found.Add(pattern)
    found.Compile()
    return found
