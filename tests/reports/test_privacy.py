"""Who saw what, from a ledger: violations first, processors with their figures, unproven rows counted."""

from typing import Any

import pytest
from msgspec.structs import replace

from router.core.exchange import Attempt, Exchange, Origin
from router.reports.privacy import plain, privacy
from router.reports.question import Question
from router.store.memory import MemoryStore
from tests.reports.conftest import TODAY
from tests.store.records import closed


def went(egress: str, host: str = "", **more: Any) -> dict[str, Any]:
    return {"egress": egress, "host": host, "local": egress != "remote", **more}


def exchange(upstream: str, where: dict[str, Any], **fields: Any) -> Exchange:
    """An exchange whose one call went there, under its tags."""
    made = closed(upstream, **fields)
    made.attempts = [replace(attempt, tags=made.tags, local_only=made.local_only, **where) for attempt in made.attempts]
    return made


HOME = went("loopback", "127.0.0.1:8000")
OUT = went("remote", "api.openai.com")


def test_processors_are_told_apart_by_where_they_are_and_why_they_were_asked(ledger: MemoryStore) -> None:
    ledger.append(exchange("small", HOME, signals={"has_pii": True}))
    ledger.append(exchange("big", OUT, signals={"has_pii": False}))
    judged = exchange("big", OUT)
    judged.attempts.append(replace(judged.attempts[0], id="judge-1", origin=Origin.JUDGE))
    ledger.append(judged)
    report = privacy(ledger, TODAY, {})
    told = {(one.egress, one.host, one.upstream, one.origin): one for one in report.processors}
    assert set(told) == {
        ("loopback", "127.0.0.1:8000", "small", "serve"),
        ("remote", "api.openai.com", "big", "serve"),
        ("remote", "api.openai.com", "big", "judge"),
    }
    home, out = told["loopback", "127.0.0.1:8000", "small", "serve"], told["remote", "api.openai.com", "big", "serve"]
    assert (home.requests, home.tokens_in, home.detected, home.unsearched) == (1, 1000, 1, 0)
    assert (out.requests, out.calls, out.tokens_in, out.detected, out.unsearched) == (2, 2, 2000, 0, 1)
    assert (report.violations, report.calls, report.unproven) == ((), 4, 0)


def test_what_had_to_stay_and_went_is_a_violation(ledger: MemoryStore) -> None:
    ledger.append(exchange("small", HOME, local_only=True))
    ledger.append(exchange("big", OUT, local_only=True, id="leak"))
    (found,) = privacy(ledger, TODAY, {}).violations
    assert (found.rule, found.upstream, found.host, found.example) == ("local_only", "big", "api.openai.com", "leak")


def test_a_local_one_whose_model_a_cloud_ran_is_a_violation_too(ledger: MemoryStore) -> None:
    ledger.append(exchange("small", {"egress": "remote", "host": "ollama.com", "local": False}, local_only=True))
    assert [one.host for one in privacy(ledger, TODAY, {}).violations] == ["ollama.com"]


def test_a_row_from_before_its_columns_is_held_by_its_exchange_and_called_unproven(ledger: MemoryStore) -> None:
    old = closed("big", local_only=True, tags={"team": "legal"})
    ledger.append(old)
    report = privacy(ledger, TODAY, {"team=legal": ("local",)})
    assert [one.rule for one in report.violations] == ["local_only", "team=legal"]
    assert report.unproven == 1


@pytest.mark.parametrize(
    ("names", "strays"), [(("local",), ["big"]), (("small",), ["big"]), (("big",), ["small"]), (("small", "big"), [])]
)
def test_a_tag_is_held_against_its_list(names: tuple[str, ...], strays: list[str], ledger: MemoryStore) -> None:
    for upstream, where in (("small", HOME), ("big", OUT)):
        ledger.append(exchange(upstream, where, tags={"team": "legal"}))
        ledger.append(exchange(upstream, where, tags={"team": "search"}))
    report = privacy(ledger, TODAY, {"team=legal": names})
    assert [one.upstream for one in report.violations] == strays
    assert {one.rule for one in report.violations} <= {"team=legal"}


def test_a_call_that_found_no_connection_was_seen_by_nobody(ledger: MemoryStore) -> None:
    for error in ("unreachable", "not_local", "timeout_connect"):
        ledger.append(exchange("big", OUT | {"error": error, "usage": None, "status": None}, local_only=True))
    ledger.append(exchange("big", OUT | {"error": "upstream_failed", "usage": None, "status": 500}))
    report = privacy(ledger, TODAY, {})
    assert (report.violations, report.unsent) == ((), 3)
    assert [(one.calls, one.uncounted) for one in report.processors] == [(1, 1)]


def test_a_call_that_never_ended_counts_as_sent(ledger: MemoryStore) -> None:
    open_one: Attempt = replace(
        exchange("big", OUT).attempts[0], ended_at=None, status=None, usage=None, local_only=True
    )
    ledger.append(open_one)
    report = privacy(ledger, TODAY, {})
    assert (report.open, len(report.violations)) == (1, 1)


def test_groups_are_those_that_were_asked_for(ledger: MemoryStore) -> None:
    ledger.append(exchange("big", OUT, tags={"team": "legal"}, key="app"))
    for by, group in (("tag.team", "legal"), ("key", "app"), ("upstream", "big")):
        report = privacy(ledger, Question(TODAY.since_us, TODAY.until_us, by), {})
        assert [one.group for one in report.processors] == [group]


def test_programs_get_shares_with_their_intervals(ledger: MemoryStore) -> None:
    ledger.append(exchange("big", OUT, local_only=True))
    told = plain(privacy(ledger, TODAY, {"team=legal": ("local",)}))
    assert list(told)[:5] == ["report", "since", "until", "by", "violations"]
    assert told["allowed"] == {"team=legal": ["local"]}
    card = next(score for score in told["detectors"]["scores"] if score["detector"] == "card")
    assert card["recall"]["low"] < card["recall"]["value"] <= card["recall"]["high"]
    assert told["unseen"]
