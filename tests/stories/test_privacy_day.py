"""A day of mixed traffic in which every class of egress is tried: the report proves what left."""

from pathlib import Path
from textwrap import dedent

from router.core.egress import Egress
from router.pipeline.dependencies import Dependencies
from router.reports.privacy_page import page
from router.reports.render import as_table
from tests.standins.day import day_deps, play_day, reported, shown
from tests.store.records import Clock

PAGE = Path(__file__).parents[2] / "docs" / "privacy.md"


async def test_a_day_in_which_every_way_out_was_tried() -> None:
    clock = Clock()
    async with day_deps(clock) as deps:
        await play_day(deps, clock)
        what_is_proved(deps)


def what_is_proved(deps: Dependencies) -> None:
    report = reported(deps, {"team=legal": ("local",)})
    assert report.violations == ()
    assert {one.egress for one in report.processors} == {egress.value for egress in Egress}
    assert report.unproven == 0
    out = [one for one in report.processors if one.egress == "remote"]
    assert {one.host.partition(":")[0] for one in out} == {"api.big.example"}
    assert {one.origin for one in out} >= {"serve", "judge", "shadow", "panel"}
    assert sum(one.must_stay for one in out) == sum(one.detected for one in out) == 0
    home = [one for one in report.processors if one.local]
    assert sum(one.must_stay for one in home) >= 24 * 3
    assert sum(one.detected for one in home) >= 24
    text = as_table(page(report))
    assert text.splitlines()[1].startswith("No violation recorded")

    stricter = reported(
        deps, {"team=legal": ("local",), "team=search": ("local",), "team=own": ("local",)}, by="tag.team"
    )
    # Seen from a stricter list: the search team's hold-out went to the provider, its own code who knows where.
    assert {one.rule for one in stricter.violations} == {"team=search", "team=own"}
    assert page(stricter).sheets[0].title == "Went where it must not"
    assert {"", "legal", "search", "sheet", "own"} == {one.group for one in stricter.processors}


async def test_the_page_shows_what_the_report_said_of_that_day() -> None:
    clock = Clock()
    async with day_deps(clock) as deps:
        said = shown(await play_day(deps, clock))
    printed = PAGE.read_text(encoding="utf-8").partition("python -m bench.privacy_day")[2]
    block = dedent(printed.partition("```\n")[2].partition("  ```")[0]).removesuffix("…\n")
    assert "api.big.example" in block
    assert said.startswith(block)
