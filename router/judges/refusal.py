"""The judge `refusal`: whether the answer begins by declining to answer."""

from collections.abc import Mapping, Sequence
from typing import Any

import re2

from router.core.exchange import ACCEPT, ESCALATE, WAIT, Verdict
from router.core.ports import Answer
from router.core.reply import text_of
from router.judges.phrases import OPENER_CHARS, declining, opening

HEAD = 400  # characters looked at
PAST = 240  # a prefix this long, or of three sentences, that has not begun to decline will not do so
CLAUSE = 80  # characters that may come before declining, up to a comma or the end of their sentence
SHORT = 300  # an answer up to this length is only a refusal
LONG = 900  # an answer from this length on goes on to help
SENTENCES = 3
BARRIERS = '\n>"“”„«»'
ASK = 4_000  # characters of the last message searched for a refusal to translate or quote


class Refusal:
    """Escalates an answer that declines: the `refusal` field, or a refusing phrase in the first two sentences.

    Score: 0 for a refusal and nothing else, 1 for no refusal, in between if more text follows; it escalates below 0.5.
    Evidence: (matched, position, length), in characters; position -1 for no match.
    """

    name = "refusal"

    def __init__(self) -> None:
        quiet = re2.Options()
        quiet.log_errors = False  # a pattern so large may outgrow its memory: it goes on slower, and says so on stderr
        self._opening = re2.compile(declining(anchored=True), quiet)
        self._anywhere = re2.compile(declining(anchored=False), quiet)
        self._sentence = re2.compile(r"[^.!?\s][.!?]+\s")
        self._opener = re2.compile(opening())
        self._markup = re2.compile(r"\A[\s*_#]*")

    def judge(self, request: Mapping[str, Any], answer: Answer, evidence: Sequence[Verdict]) -> Verdict:
        """The verdict on a whole answer, or on a prefix once it is long enough. Takes linear time."""
        message = answer.message
        if message.get("refusal"):
            return Verdict(self.name, ESCALATE, "the refusal field is set", 0.0, (1.0, 0.0, 0.0))
        text = text_of(message)
        if message.get("tool_calls") or not text.strip():
            return Verdict(self.name, ACCEPT, "no text to refuse with", 1.0, (0.0, -1.0, 0.0))
        match = self._opening.match(_plain(text[:HEAD]))
        at = match.start(1) if match else -1
        figures = (float(match is not None), float(at), float(len(text)))
        score = min(1.0, max(0.0, (len(text) - SHORT) / (LONG - SHORT))) if match else 1.0
        if not answer.complete and (len(text) < LONG if match else not self._past(text)):
            return Verdict(self.name, WAIT, "too early to tell", None, figures)
        if score >= 0.5:
            why = "begins like a refusal but goes on to answer" if match else "no refusal"
            return Verdict(self.name, ACCEPT, why, score, figures)
        if self._anywhere.search(_plain(_last_ask(request))):
            return Verdict(self.name, ACCEPT, "the request itself contains a refusal", 0.5, figures)
        return Verdict(self.name, ESCALATE, f"a refusal at character {at}", score, figures)

    def _past(self, text: str) -> bool:
        """Whether a prefix is past the place where an answer may begin to decline: a short sentence and an apology."""
        if len(text) >= PAST or len(self._sentence.findall(_plain(text[:PAST]))) >= SENTENCES:
            return True
        head = _plain(text[:HEAD])
        places = _places(head, self._markup.match(head).end())
        return places is not None and not any(self._may_begin(head[place:]) for place in places)

    def _may_begin(self, rest: str) -> bool:
        """Whether declining may begin here: it does by its first words, or there are too few to tell."""
        return len(rest) < OPENER_CHARS or self._opener.match(rest) is not None


def _places(head: str, start: int) -> list[int] | None:
    """Where declining can begin: at the start, after a comma in the first clause, or after a short first sentence.

    None while the clause may go on, so that more places may come. A quotation mark or a line break ends it.
    """
    found = [start]
    for at in range(start, min(len(head), start + CLAUSE + 1)):
        if head[at] in ".!?":
            after = head[at:].lstrip(".!?")
            rest = after.lstrip()
            if not rest:
                return None
            return [*found, len(head) - len(rest)] if len(rest) < len(after) else found
        if head[at] in BARRIERS:
            return found
        if head[at] == "," and head[at + 1 : at + 2].isspace():
            found.append(at + 2)
    return found if len(head) > start + CLAUSE + 1 else None


def _plain(text: str) -> str:
    """The text with one kind of apostrophe and without unpaired surrogates; its length does not change."""
    whole = text.encode("utf-8", "replace").decode()
    return whole.replace("’", "'").replace("ʼ", "'").replace("´", "'")


def _last_ask(request: Mapping[str, Any]) -> str:
    """The end of the last user message, which may contain a refusal to translate or quote."""
    messages = request.get("messages")
    for message in reversed(messages if isinstance(messages, list) else []):
        if isinstance(message, dict) and message.get("role") == "user":
            return text_of(message)[-ASK:]
    return ""
