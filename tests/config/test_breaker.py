"""The row's word on when its upstream is passed over."""

import pytest

from router.core.breaker import USUAL, Limits
from tests.config.conftest import Desk


def row(desk: Desk, breaker: str) -> str:
    return desk.pair + f"  third: {{kind: openai, url: 'http://127.0.0.1:1/v1', model: m, breaker: {breaker}}}\n"


def test_what_is_left_out_is_as_usual(desk: Desk) -> None:
    assert desk.load(row(desk, "{}")).upstreams["third"].breaker == USUAL


def test_every_limit_is_read(desk: Desk) -> None:
    written = "{failures: 2, share: 0.9, least: 5, window_s: 60, open_s: 0.5}"
    assert desk.load(row(desk, written)).upstreams["third"].breaker == Limits(2, 0.9, 5, 60, 0.5)


def test_what_does_nothing_because_it_is_switched_off_is_doubted(desk: Desk) -> None:
    config = desk.load(row(desk, "{failures: 0, share: 0.5, open_s: 10}"))
    assert config.upstreams["third"].breaker.failures == 0
    assert [str(warning).partition(": ")[2] for warning in config.warnings if "breaker" in warning.path] == [
        f"upstreams.third.breaker.{key}: does nothing: `failures: 0` switches the breaker off; "
        "leave it out, or raise `failures`"
        for key in ("share", "open_s")
    ]
    assert not any("breaker" in warning.path for warning in desk.load(row(desk, "{failures: 0}")).warnings)


@pytest.mark.parametrize(
    ("breaker", "path"),
    [("{failure: 2}", "failure"), ("{share: 2}", "share"), ("{least: 0}", "least"), ("{open_s: never}", "open_s")],
)
def test_a_wrong_limit_is_told_with_its_place(desk: Desk, breaker: str, path: str) -> None:
    (problem,) = desk.problems(row(desk, breaker))
    assert problem.path == f"upstreams.third.breaker.{path}"
