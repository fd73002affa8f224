"""The one door out: what may not go does not, and what goes is on disk first."""

from dataclasses import replace

import pytest

from router.core.errors import Forbidden
from router.core.exchange import Origin, Reason
from router.core.prices import FREE
from router.pipeline.dependencies import Dependencies
from router.pipeline.opening import Opening, check, opened
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import opened_exchange

TO_BIG = Opening("big", Origin.SERVE, Reason.FIRST, FREE, step=1, changes=("left out: n",))


@pytest.fixture
def deps(scripted: Scripted, make_deps: MakeDeps) -> Dependencies:
    return make_deps(scripted(), scripted())


async def test_the_record_is_there_with_where_it_goes_and_for_whom(deps: Dependencies) -> None:
    exchange = opened_exchange(key="ada", tags={"team": "search"})
    attempt = opened(deps, exchange, TO_BIG)
    (row,) = deps.store.find("attempts")
    assert exchange.attempts == [attempt]
    assert (row["id"], row["upstream"], row["step"], row["key"]) == (attempt.id, "big", 1, "ada")
    assert (row["local"], row["tags"], row["changes"]) == (False, {"team": "search"}, ["left out: n"])
    assert row["ended_at"] is None


async def test_what_must_stay_and_what_tags_keep_from_somebody_leaves_no_record_and_does_not_go(
    deps: Dependencies,
) -> None:
    held = replace(deps, settings=replace(deps.settings, egress={"team=legal": frozenset({"small"})}))
    for exchange, code in (
        (opened_exchange(local_only=True), "local_only"),
        (opened_exchange(tags={"team": "legal"}), "egress"),
    ):
        check(held, exchange, "small")
        with pytest.raises(Forbidden) as raised:
            opened(held, exchange, TO_BIG)
        assert raised.value.code == code
        assert exchange.attempts == []
    assert held.store.find("attempts") == []
