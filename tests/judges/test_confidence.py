"""How sure the model was: known, unknown and never guessed."""

import math
from typing import Any

import pytest

from router.core.ports import Answer, Hearing
from router.judges.confidence import Confidence


def answer(*logprobs: Any, sure: float | None = None) -> Answer:
    entries = tuple({"token": f"t{n}", "logprob": value} for n, value in enumerate(logprobs))
    return Answer({"content": "x"}, "stop", logprobs=entries, hearing=Hearing(sure=sure))


def test_the_score_is_the_geometric_mean_of_the_tokens_probabilities() -> None:
    verdict = Confidence().judge({}, answer(math.log(0.5), math.log(0.125)), ())
    assert verdict.action == "accept"
    assert verdict.score == pytest.approx(0.25)
    assert verdict.evidence[:3] == pytest.approx((0.25, 0.125, 0.5))


@pytest.mark.parametrize(("sure", "action"), [(0.2, "accept"), (0.3, "escalate"), (None, "accept")])
def test_the_steps_cut_decides(sure: float | None, action: str) -> None:
    assert Confidence().judge({}, answer(math.log(0.25), sure=sure), ()).action == action


@pytest.mark.parametrize(("sure", "action"), [(0.1, "escalate"), (None, "accept")])
def test_what_is_not_known_is_never_sure(sure: float | None, action: str) -> None:
    verdict = Confidence().judge({}, answer(sure=sure), ())
    assert (verdict.action, verdict.score, verdict.evidence[0]) == (action, None, -1.0)
