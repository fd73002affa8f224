"""The judge `verifier`: whether the best answer so far is probably good enough to keep."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

from msgspec.structs import replace

from classifier.verifier import Given, Verifier, Weighed
from classifier.verifier_artifact import feature_digest
from router.core.exchange import ACCEPT, ESCALATE, WAIT, Heard, Verdict
from router.core.logprobs import of_content
from router.core.ports import Answer, Hearing, MemberAnswer

HOPELESS = 0.1
"""Below this chance that a later answer of the panel is kept, asking on costs more than it brings (PANEL, hopeless)."""
Cuts = tuple[float | None, float]
"""Two cuts after a number of answers. The best answer is kept from the first on, compared with `p_kept`: None if it is
not known, infinite if so few answers are never enough. No more are asked if the chance of a kept answer is below the
second."""


class VerifierJudge:
    """Accepts the best answer so far if its `p_kept` reaches the cut; escalates if no later answer is likely to.

    The cut is the one that training found for this panel after as many answers, if a strictness is in force; else
    `keep_cut` at every stage. Where `p_kept` is unknown (a task without labels) nothing is kept, unless a person has
    set `keep_cut` by hand: then it is the share of the step's members that must agree.

    Score: `p_kept`. `cut`, `stage`: what it was compared with, and after how many answers. Evidence: the classifier's,
    one number for each feature of the best value.
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
        cuts = self._cuts(hearing, weighed.asked)
        if weighed.p_kept is None:
            action, reason = _by_votes(weighed, hearing)
        else:
            action, reason = _settle(weighed, weighed.p_kept, cuts)
        if action == WAIT and weighed.asked >= len(hearing.members):
            action = ESCALATE  # no member is left to ask
        said = Verdict(self.name, action, reason, weighed.p_kept, weighed.evidence, best=weighed.best)
        cut = None if cuts[0] == inf else cuts[0]
        heard = tuple(Heard(*one, "" if place else feature_digest()) for place, one in enumerate(weighed.heard))
        return replace(said, cut=cut, stage=weighed.asked, support=weighed.support, heard=heard)

    def _cuts(self, hearing: Hearing, heard: int) -> Cuts:
        """The cuts after so many answers.

        A panel that is asked at once uses those of a panel in sequence: what is enough in sequence is enough when it
        comes early.
        """
        learnt = None
        if hearing.strictness is not None and not hearing.by_hand:
            learnt = self.verifier.stop(hearing.members, f"{hearing.strictness:g}")
        if learnt is None:
            return hearing.keep_cut, HOPELESS
        keep = learnt.keep[min(heard, len(learnt.keep)) - 1]  # there may be more, if a judge had further samples asked
        return inf if keep is None else keep, learnt.hopeless


def _settle(weighed: Weighed, p_kept: float, cuts: Cuts) -> tuple[str, str]:
    """The action, and the reason, which quotes numbers only and never what models said."""
    keep, hopeless = cuts
    summary = f"{weighed.support} of {weighed.asked} agree; p_kept {p_kept:.3f}"
    if keep is None:
        return WAIT, f"{summary}, and no keep_cut is known"
    if p_kept >= keep:
        return ACCEPT, f"{summary}, kept from {keep:.3f} on"
    below = f"below {keep:.3f}" if keep < inf else "too few answers to keep one"
    if weighed.hopeless is not None and weighed.hopeless < hopeless:
        return ESCALATE, f"{summary}, {below}; the chance to keep a later answer is only {weighed.hopeless:.2f}"
    return WAIT, f"{summary}, {below}"


def _by_votes(weighed: Weighed, hearing: Hearing) -> tuple[str, str]:
    """The action and reason if `p_kept` is not known: a cut set by hand is the share of members that must agree."""
    agree = f"{weighed.support} of {weighed.asked} agree"
    cut, seats = hearing.keep_cut, max(len(hearing.members), weighed.asked)
    share = weighed.support / seats
    if cut is None or not hearing.by_hand or weighed.value is None:
        return WAIT, f"{agree}; how much that is worth here is not known"
    if share >= cut:
        return ACCEPT, f"{agree}, of {seats} members {share:.2f}, kept from {cut:.2f} on (by hand)"
    reachable = (weighed.support + seats - weighed.asked) / seats
    action = WAIT if reachable >= cut else ESCALATE
    return action, f"{agree}, of {seats} members {share:.2f}, below {cut:.2f} (by hand)"


def given_of(answer: Answer) -> tuple[Given, ...]:
    """Every answer to the request so far, the judged one last; only that one if the step asked only once."""
    return tuple(_given(one) for one in answer.hearing.given or (MemberAnswer("", "", answer),))


def _given(one: MemberAnswer) -> Given:
    answer = one.answer
    return Given(
        member=one.member,
        digest=one.digest,
        message=answer.message,
        finish_reason=answer.finish_reason,
        tokens=one.tokens,
        logprobs=of_content(answer.logprobs),
        flags=one.flags,
    )
