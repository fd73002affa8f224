"""What kind of answer a question wants, read from a chat body: a number, a choice, a label, JSON, calls, code."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import re2

from classifier.ask import last_ask, system_text
from classifier.values_plain import readable, tidy, words
from classifier.values_plain import said as comparable

Kind = Literal["number", "choice", "label", "json", "tools", "code"]

HEAD, TAIL = 3_000, 3_000
MAX_LABELS, LABEL_CHARS = 24, 48
_SUM_CHARS, _LIST_CHARS, _FACT_CHARS, _CLOSING_CHARS = 1_500, 800, 300, 160
_MARKS = (".", ")", ":")


def kind_of(body: Mapping[str, Any]) -> Kind | None:
    """Returns the kind of answer a chat body asks for; None is prose, which is not compared.

    The cheapest sure sign first: tools offered, a JSON format demanded, lettered options, labels to pick from,
    code to write, a quantity to find. Linear; of a long ask only both ends are read.
    """
    if offers_tools(body):
        return "tools"
    if _format(body) in ("json_object", "json_schema"):
        return "json"
    ask = looked_at(body)
    if not ask:
        return None
    if options(ask):
        return "choice"
    prompt = f"{readable(system_text(body)[:HEAD])}\n{ask}"
    if _finds("json", prompt):
        return "json"
    if _finds("code", prompt):
        return "code"
    if labels(prompt) and "$" not in ask and "%" not in ask:  # a sum may well tell of true/false questions
        return "label"
    if _wants_number(ask, prompt):
        return "number"
    return "label" if _wants_a_word(ask, prompt) else None


def offers_tools(body: Mapping[str, Any]) -> bool:
    """Returns whether a call may be answered."""
    return bool(body.get("tools") or body.get("functions")) and body.get("tool_choice") != "none"


def looked_at(body: Mapping[str, Any]) -> str:
    """Returns both ends of the last ask."""
    ask = last_ask(body)
    return readable(ask if len(ask) <= HEAD + TAIL else f"{ask[:HEAD]}\n{ask[-TAIL:]}")


def said(body: Mapping[str, Any]) -> str:
    """Returns the start of the system prompt and both ends of the last ask."""
    return f"{readable(system_text(body)[:HEAD])}\n{looked_at(body)}"


def options(ask: str) -> dict[str, str]:
    """Returns the lettered options of the last list in an ask, letter to comparable text; empty without any."""
    return {letter: comparable(tidy(text)) for letter, text in written_options(ask).items()}


def written_options(ask: str) -> dict[str, str]:
    """Returns the same options as they are written."""
    for mark in _MARKS:
        start = max(ask.rfind(f"\nA{mark}"), ask.rfind(f"\n(A{mark}"))
        start = 0 if start < 0 and ask.startswith(f"A{mark}") else start
        if start >= 0:
            found = _options(ask[start:], mark)
            if len(found) > 1:
                return found
    return {}


def _options(part: str, mark: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in part.strip().split("\n"):
        plain = line.strip().lstrip("(")
        letter = chr(65 + len(found))
        if plain.startswith(letter + mark):
            found[letter] = plain[2:].strip()
    return found


def labels(prompt: str) -> tuple[str, ...]:
    """Returns the labels an ask lists to pick from, comparable, in order; () where it lists none."""
    for name in ("pair", "sorted"):
        named = _pattern(name).search(prompt)
        if named:
            return _listed(named.group(1))
    found = _pattern("list").search(prompt)
    return _listed(prompt[found.end() : found.end() + _LIST_CHARS].lstrip().split("\n", 1)[0]) if found else ()


def _listed(text: str) -> tuple[str, ...]:
    items = [words(item) for item in _pattern("comma").sub("\n", text.split(". ", 1)[0]).split("\n")]
    kept = tuple(dict.fromkeys(item for item in items if item))
    fits = 2 <= len(kept) <= MAX_LABELS and all(len(item) <= LABEL_CHARS for item in kept)
    return kept if fits else ()


def _wants_number(ask: str, prompt: str) -> bool:
    """A quantity asked for by name, or a sum with figures to work out; never what asks for words."""
    figures = "$" in ask or any(map(str.isdigit, ask))
    spelt = figures or _finds("spelt", ask)
    if spelt and _finds("how_many", ask.rstrip()[-_CLOSING_CHARS:]) and ask.rstrip().endswith("?"):
        return True  # a story may well tell of tips, recipes and letters
    if _finds("essay", ask):
        return False
    if _finds("how_many", prompt) or _finds("sum", ask) or _finds("number_only", prompt):
        return True
    if spelt and not figures:
        return len(ask) <= _SUM_CHARS and _finds("reckoned", ask)
    return figures and (_finds("quantity", prompt) or (len(ask) <= _SUM_CHARS and _finds("find", ask)))


def _wants_a_word(ask: str, prompt: str) -> bool:
    """A fact that a word or two answer; longer replies to it abstain."""
    if _finds("brief", prompt):
        return True
    return len(ask) <= _FACT_CHARS and _finds("fact", ask) and not _finds("essay", ask)


def _format(body: Mapping[str, Any]) -> str:
    wanted = body.get("response_format")
    return str(wanted.get("type")) if isinstance(wanted, Mapping) else ""


def _finds(name: str, text: str) -> bool:
    return _pattern(name).search(text) is not None


_PATTERNS = {
    "json": r"(?i)\b(?:return|reply|respond|output|answer|produce|format|as|only|valid|a)\b[^.\n]{0,40}\bjson\b",
    "code": r"(?i)\b(?:write|implement|create|complete|fix)\b[^.\n]{0,60}"
    r"\b(?:function|method|class|program|script|regex|query|code)\b",
    "pair": r"(?i)\b(yes(?:,| or |/)no|no(?:,| or |/)yes|true(?:,| or |/)false|positive(?:, | or |/)negative"
    r"(?:(?:, or |, | or |/)(?:neutral|mixed))?|positive, neutral,? (?:and |or )?negative"
    r"|entailment, (?:neutral|contradiction),? (?:and |or )?(?:contradiction|neutral))\b",
    "list": r"(?i)\b(?:one of|labels?|categor(?:y|ies)|class(?:es)?|classify|choose(?: one)?(?: from)?|pick)\b"
    r"[^:\n]{0,60}:",
    "comma": r"(?i)\s*(?:,\s*or\s|,\s*and\s|\sor\s|[,/|;])\s*",
    "essay": r"(?i)\b(?:(?:write|draft|compose|send|create|generate)\b[^.\n]{0,60}"
    r"\b(?:essay|poem|story|blog|letter|email|article|recipe|slogan|review)|explain|describe|discuss|summar(?:y|i[sz]e)"
    r"|translate|rewrite|paraphrase|outline|tips|ideas|suggest|recommend|brainstorm|imagine|benefits)",
    "how_many": r"(?i)\bhow (?:many|much|far|long|old|tall|fast|big|high|heavy|deep|wide|often|large)\b",
    "sum": r"(?i)\d\s?[-+*/×]\s?\d|\b(?:add|subtract|multiply|divide|convert)\b[^.\n]{0,20}\d"
    r"|\b(?:larger|bigger|greater|smaller)\b[^.\n]{0,20}\d",
    "spelt": r"(?i)\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty"
    r"|sixty|seventy|eighty|ninety|hundred|thousand|million|dozen|twice|half)\b",
    "reckoned": r"(?i)\b(?:average|total number|(?:sum|product|members) of|common (?:measure|divisor|multiple)"
    r"|(?:greatest|smallest|least|largest) (?:whole|prime|common|possible|positive|two-digit|integer|number))\b",
    "quantity": r"(?i)\b(?:how|total|altogether|average|percent|percentage|probability|remainder|perimeter|area|volume"
    r"|sum of|product of|difference between|number of|value of|boxed|degrees?|radius|greatest|smallest|least|largest"
    r"|maximum|minimum|units digit|final answer|ratio|slope|coefficient|what fraction|simplif(?:y|ied))\b",
    "brief": r"(?i)\b(?:one|a single) word\b|\bonly (?:the|with the|with a|its|a) (?:name|answer|label|word|date)\b"
    r"|\bjust the (?:name|answer|label|value|word)\b|\b(?:no|without) explanation\b"
    r"|\b(?:answer|reply|respond) briefly\b",
    "fact": r"(?i)^[^.!?\n]{0,40}\b(?:who|whom|which|where|when)\b[^\n]{1,150}\?"
    r"|\b(?:capital of|name of|my name|odd one|who am i)\b"
    r"|\bwhat(?:'s| is)(?: the)? (?:name|title|capital|date|colou?r|id|code|language|currency)\b",
    "number_only": r"(?i)\b(?:number|figure|amount) only\b"
    r"|\bonly (?:the|a|with the|with a) (?:final )?(?:number|figure|amount)\b",
    "sorted": r"(?i)\b(?:label|classify|send|route|sort|categori[sz]e|tag|assign|rate|mark|file)\b[^.:\n]{0,40}"
    r"\b(?:as|to|into|either|under)\s+([a-z][\w-]{0,30}(?:, ?[a-z][\w-]{0,30}){0,9},? or [a-z][\w-]{0,30})",
    "find": r"(?i)\b(?:what(?:'s| is| are| was| were| will)?|find|compute|calculate|evaluate|solve|determine|express"
    r"|factor|expand|subtract|multiply|divide|round|estimate|sum|for what)\b",
}


@cache
def _pattern(name: str) -> Any:
    how = re2.Options()
    how.log_errors = False
    return re2.compile(_PATTERNS[name], how)
