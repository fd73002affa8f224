"""What a policy would ask if its cuts were as bold as they can be: what a shadow tries out."""

from policies.decide import meet
from policies.policy import Policy, Rule
from policies.terms import Signals

BOLDEST_CUT, BOLDEST_KEEP_CUT = 0.0, 1e-9  # rules ask for a `keep_cut` above 0, so the boldest is barely that


def would_ask(policy: Policy, signals: Signals) -> Rule:
    """Return the rule that would be met: with the policy's cuts where they are known, else with the boldest.

    Where nobody knows yet what a small answer is worth, no cut is known and the baseline answers; the answers that
    will tell are those of every request that some cut could keep.
    """
    known = dict(signals)
    cuts = (("cut", policy.cut, BOLDEST_CUT), ("keep_cut", policy.keep_cut, BOLDEST_KEEP_CUT))
    for name, by_hand, boldest in cuts:
        if known.get(name) is None:
            known[name] = boldest if by_hand is None else by_hand
    rule, _ = meet(policy, known)
    return rule
