"""The judge that weighs: question, every answer so far and the evidence, to the chance that the best may be kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from classifier.verifier import Verifier, Weighed
from router.core.exchange import ACCEPT, ESCALATE, WAIT, Verdict
from router.core.ports import Answer, Hearing
from router.judges.weighing import given_of

HOPELESS = 0.1
"""Below this chance that a later answer of the panel is kept, asking on costs more than it brings (PANEL, hopeless)."""


class Weighing:
    """Accepts the best answer so far when `p_kept` reaches `keep_cut`, moves on when no later one is likely to.

    Where the level is not known (a task without labels), nothing is kept; unless a person has set `keep_cut` by
    hand, which then is the share of the step's members that must say the same. Score: `p_kept`, None where unknown.
    Evidence: the classifier's, one number a feature of the best value.
    """

    name = "verifier"
    together = True
    late = True

    def __init__(self, verifier: Verifier | None = None) -> None:
        self.verifier = verifier or Verifier()

    def judge(self, request: Mapping[str, Any], answer: Answer, evidence: Sequence[Verdict]) -> Verdict:
        """The verdict on all answers given so far; `best` is the one to send."""
        hearing = answer.hearing
        weighed = self.verifier.weigh(request, given_of(answer), members=hearing.members)
        action, reason = _settle(weighed, hearing)
        if action == WAIT and weighed.asked >= len(hearing.members):
            action = ESCALATE  # nobody is left to ask
        return Verdict(self.name, action, reason, weighed.p_kept, weighed.evidence, best=weighed.best)


def _settle(weighed: Weighed, hearing: Hearing) -> tuple[str, str]:
    """What follows, and why, in numbers: never in what the models said."""
    agree = f"{weighed.support} of {weighed.asked} agree"
    cut, seats = hearing.keep_cut, max(len(hearing.members), weighed.asked)
    if weighed.p_kept is None:
        share = weighed.support / seats
        if cut is None or not hearing.by_hand or weighed.value is None:
            return WAIT, f"{agree}; what that is worth here is not known"
        if share >= cut:
            return ACCEPT, f"{agree}, of {seats} members {share:.2f}, kept from {cut:.2f} on (by hand)"
        reachable = (weighed.support + seats - weighed.asked) / seats
        action = WAIT if reachable >= cut else ESCALATE
        return action, f"{agree}, of {seats} members {share:.2f}, below {cut:.2f} (by hand)"
    told = f"{agree}; p_kept {weighed.p_kept:.3f}"
    if cut is None:
        return WAIT, f"{told}, and no keep_cut is known"
    if weighed.p_kept >= cut:
        return ACCEPT, f"{told}, kept from {cut:.3f} on"
    if weighed.hopeless is not None and weighed.hopeless < HOPELESS:
        return ESCALATE, f"{told}, below {cut:.3f}; a later answer is kept with {weighed.hopeless:.2f} only"
    return WAIT, f"{told}, below {cut:.3f}"
