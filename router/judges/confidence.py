"""The judge `confidence`: how probable the model itself found the tokens it wrote."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from router.core.exchange import ACCEPT, ESCALATE, Verdict
from router.core.logprobs import entropy, of_content
from router.core.ports import Answer

LOW = -1.0  # log-probability; a token below 37 % counts as unsure
UNKNOWN = -1.0  # in the evidence


class Confidence:
    """Escalates an answer whose tokens were less probable than the step's `sure`; without it, only notes how sure.

    Score: the geometric mean of the tokens' probabilities; None if they are not known, which is below any `sure`.
    Evidence: (score, lowest probability, share of unsure tokens, mean entropy in nats, tokens); -1 stands for unknown.
    """

    name = "confidence"
    late = True

    def judge(self, request: Mapping[str, Any], answer: Answer, evidence: Sequence[Verdict]) -> Verdict:
        """The verdict on a whole answer. Only content tokens count; the end token does not."""
        cut = answer.hearing.sure
        values = of_content(answer.logprobs)
        if values is None:
            action = ACCEPT if cut is None else ESCALATE
            return Verdict(self.name, action, "unknown: no log-probabilities came", None, (UNKNOWN,) * 4 + (0.0,))
        score = math.exp(sum(values) / len(values))
        spread = entropy(answer.logprobs)
        unsure = sum(value < LOW for value in values) / len(values)
        figures = (score, math.exp(min(values)), unsure, UNKNOWN if spread is None else spread, float(len(values)))
        if cut is not None and score < cut:
            return Verdict(self.name, ESCALATE, f"sure {score:.3f}, below {cut:.3f}", score, figures)
        return Verdict(self.name, ACCEPT, f"sure {score:.3f}", score, figures)
