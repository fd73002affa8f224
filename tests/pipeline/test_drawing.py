"""Whose answer is listened to: the baseline's, of an exchange that is drawn and was sent there for want of knowing."""

from dataclasses import replace
from typing import Any

import pytest

from router.pipeline.dependencies import Dependencies
from router.pipeline.drawing import drawn, may_be_compared, policy_chose
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import opened_exchange

OBSERVE = "policy: balanced\nmode: observe\nshadow: {share: SHARE}\notherwise: {plan: [small, big]}\n"


@pytest.fixture
def deps(scripted: Scripted, make_deps: MakeDeps) -> Dependencies:
    made = make_deps(scripted(), scripted(), OBSERVE.replace("SHARE", "0.5"))
    return replace(made, shadow=lambda *_: None)


async def test_an_exchange_is_drawn_or_not_whatever_it_asks_and_half_of_them_are(deps: Dependencies) -> None:
    chances = [drawn(deps, opened_exchange(id=f"x-{n}")) for n in range(400)]
    assert 0.4 < sum(chance < 0.5 for chance in chances) / len(chances) < 0.6
    assert drawn(deps, opened_exchange(id="x-1", policy="other")) == chances[1]


async def test_only_the_baseline_of_a_drawn_exchange_is_listened_to(deps: Dependencies) -> None:
    some = [opened_exchange(id=f"x-{n}", policy="balanced", baseline="big") for n in range(40)]
    assert {may_be_compared(deps, one, "big") for one in some} == {True, False}
    assert [may_be_compared(deps, one, "big") for one in some] == [drawn(deps, one) < 0.5 for one in some]
    assert not any(may_be_compared(deps, one, "small") for one in some)
    assert not any(may_be_compared(replace(deps, shadow=None), one, "big") for one in some)


@pytest.mark.parametrize("why", ["holdout", "paused", "named", "pinned", "explored", "local_only"])
async def test_who_was_sent_to_the_baseline_for_another_reason_is_left_alone(why: str, deps: Dependencies) -> None:
    changes: dict[str, Any] = {why: True}
    some = [opened_exchange(id=f"x-{n}", policy="balanced", baseline="big", **changes) for n in range(20)]
    assert not any(policy_chose(one) or may_be_compared(deps, one, "big") for one in some)
