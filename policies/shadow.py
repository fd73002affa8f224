"""What a policy would ask with the boldest cuts: that is what shadows try out."""

from policies.decide import meet
from policies.policy import Policy, Rule
from policies.terms import Signals

BOLDEST_CUT, BOLDEST_KEEP_CUT = 0.0, 1e-9  # rules ask for a `keep_cut` above 0, so the boldest is barely that


def would_ask(policy: Policy, signals: Signals) -> Rule:
    """Return the rule that would be met with the policy's cuts, or with the boldest ones if they are unknown.

    While no cut is known the baseline answers everything. To find out what small answers are worth, every request is
    tried out that some cut could keep.
    """
    known = dict(signals)
    cuts = (("cut", policy.cut, BOLDEST_CUT), ("keep_cut", policy.keep_cut, BOLDEST_KEEP_CUT))
    for name, by_hand, boldest in cuts:
        if known.get(name) is None:
            known[name] = boldest if by_hand is None else by_hand
    rule, _ = meet(policy, known)
    return rule
