"""The judge `agreement`: whether enough answers to the same request have the same value."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from classifier.values import checkable, value_of
from router.core.exchange import ACCEPT, ASK, ESCALATE, WAIT, Question, Verdict
from router.core.ports import Answer


class Agreement:
    """Accepts when `agree` answers have the same value: a number, a choice, a label, JSON, a tool call.

    Prose has no value, so this judge never keeps it. In a step with one upstream it asks for more samples.
    Score: the largest share that agrees, of those asked. Evidence: (supporters, asked, distinct values, abstained).
    """

    name = "agreement"
    together = True
    late = True

    def judge(self, request: Mapping[str, Any], answer: Answer, evidence: Sequence[Verdict]) -> Verdict:
        """The verdict on all answers so far; `best` is the first with the most frequent value."""
        hearing = answer.hearing
        given = [said.answer for said in hearing.given] or [answer]
        if not checkable(request):
            return Verdict(self.name, ESCALATE, "answers to this request can't be compared", None)
        values = [None if one.finish_reason == "length" else value_of(request, one.message) for one in given]
        votes = Counter(value for value in values if value is not None)
        value, support = votes.most_common(1)[0] if votes else (None, 0)
        figures = (float(support), float(len(given)), float(len(votes)), float(values.count(None)))
        best = values.index(value) if value is not None else len(given) - 1
        score, summary = support / len(given), f"{support} of {len(given)} agree"
        if support >= hearing.agree:
            return Verdict(self.name, ACCEPT, summary, score, figures, best=best)
        if len(hearing.members) <= 1 and not hearing.asked and hearing.agree > len(given):
            wanted = tuple(Question("sample", self.name) for _ in range(hearing.agree - len(given)))
            return Verdict(self.name, ASK, summary, score, figures, best=best, questions=wanted)
        left = max(len(hearing.members), len(given)) - len(given)
        action = WAIT if support + left >= hearing.agree else ESCALATE
        return Verdict(self.name, action, f"{summary}, {hearing.agree} needed", score, figures, best=best)
