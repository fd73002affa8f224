"""The judge `loops`: whether the answer ends in one passage repeated again and again."""

from collections.abc import Mapping, Sequence
from typing import Any

from router.core.exchange import ACCEPT, ESCALATE, WAIT, Verdict
from router.core.ports import Answer
from router.core.reply import text_of

TAIL = 4_000  # characters looked at, from the end
MIN_CHARS = 160  # shorter text is never a loop
PERIOD = 600  # the longest passage whose repetition is looked for
TURNS = 4  # how often it must be repeated at the end
SHORT = 8  # passages up to this length (a rule, a row of dots) must be repeated for longer
MIN_SHORT = 200


class Loops:
    """Escalates an answer that ends in the same passage repeated again and again.

    A loop differs from a table or a list by its end: the same characters at least four times in a row. Score 1 or 0.
    Evidence: (period in characters, repetitions, length). Linear in the text.
    """

    name = "loops"

    def judge(self, request: Mapping[str, Any], answer: Answer, evidence: Sequence[Verdict]) -> Verdict:
        """The verdict on a whole answer or a prefix: an answer that loops does not recover."""
        text = text_of(answer.message)
        if answer.message.get("tool_calls") or len(text) < MIN_CHARS:
            early = not answer.complete and not answer.message.get("tool_calls") and not text.strip()
            action = WAIT if early else ACCEPT
            return Verdict(self.name, action, "too short to loop", None if early else 1.0, (0.0, 0.0, float(len(text))))
        period, turns = _loop(text[-TAIL:].rstrip())
        figures = (float(period), float(turns), float(len(text)))
        if turns:
            return Verdict(self.name, ESCALATE, f"ends in {period} characters repeated {turns} times", 0.0, figures)
        return Verdict(self.name, ACCEPT, "no loop", 1.0, figures)


def _loop(text: str) -> tuple[int, int]:
    """The length of the passage that the text ends by repeating, and how often; (0, 0) if there is none.

    Read backwards, a loop is a text that goes on as it began. The Z function, which gives the longest stretch at each
    place that repeats the beginning, tells every period at once, in linear time.
    """
    backwards = text[::-1]
    stretch = _z(backwards)
    for period in range(1, min(PERIOD, len(text) // TURNS) + 1):
        covered = period + stretch[period]
        turns = covered // period
        least = max(MIN_CHARS, TURNS * period) if period > SHORT else MIN_SHORT
        if turns >= TURNS and covered >= least and backwards[:period].strip():
            return period, turns
    return 0, 0


def _z(text: str) -> list[int]:
    """For each place the length of the longest stretch from there that is also the text's beginning."""
    length = len(text)
    found = [0] * length
    left = right = 0
    for i in range(1, length):
        size = min(right - i, found[i - left]) if i < right else 0
        while i + size < length and text[size] == text[i + size]:
            size += 1
        found[i] = size
        if i + size > right:
            left, right = i, i + size
    return found
