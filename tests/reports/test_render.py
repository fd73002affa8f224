"""The same report for people, programs and spreadsheets; nobody's terminal or spreadsheet is steered."""

from decimal import Decimal

import orjson
import pytest

from router.reports.intervals import Estimate
from router.reports.page import Money, Page, Sheet, calm, dollars_between, percent, usd
from router.reports.render import as_csv, as_html, as_json, as_table


def test_a_page_fits_its_terminal() -> None:
    sheet = Sheet("Groups", ("rule", "requests"), (("a" * 150, "12"), ("short", "3")))
    text = as_table(Page("Title", "word " * 60, (sheet,), ("note " * 60,)), width=100)
    assert max(map(len, text.splitlines())) <= 100
    assert "12" in text


def test_names_from_outside_cannot_steer_the_terminal() -> None:
    sheet = Sheet("Groups", ("", ""), (("\x1b[2Jgone\u202e[bold]", "1"),))
    text = as_table(Page("Title", "head\x07line", (sheet,)))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert "[bold]" in text


def test_json_keeps_every_digit_of_money() -> None:
    text = as_json({"spent": Money(Decimal("1234.567890123")), "share": Estimate(0.5)})
    assert "1234.567890123" in text
    assert orjson.loads(text)["share"]["value"] == 0.5


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_spreadsheet_shows_a_formula_and_does_not_run_it(name: str) -> None:
    assert f"'{calm(name)}" in as_csv([{"group": name, "saved": -1.5}])


def test_yes_and_no_in_csv_are_spelt_as_in_json() -> None:
    assert as_csv([{"explored": True, "holdout": False}]) == "explored,holdout\ntrue,false\n"


def test_numbers_in_csv_stay_numbers() -> None:
    assert as_csv([{"a": -1.5, "b": Decimal("0.000000001"), "c": None}]) == "a,b,c\n-1.5,0.000000001,\n"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0.00"),
        ("0.0035", "$0.00350"),
        ("2.1", "$2.10"),
        ("-1234.5", "−$1,234.50"),
        ("0.000000001", "$0.000000001"),
    ],
)
def test_small_amounts_show_their_figures(amount: str, text: str) -> None:
    assert usd(Decimal(amount)) == text


def test_an_estimate_is_never_printed_without_its_interval_if_it_has_one() -> None:
    assert percent(Estimate(0.714, 0.69, 0.739, 50)) == "71.4 % (69.0 to 73.9)"
    assert dollars_between(Estimate(-1.2, -1.5, -0.9, 50)) == "−$1.20 (−$1.50 to −$0.900)"
    assert percent(Estimate(0.5, n=1)) == "50.0 %"
    assert percent(Estimate(None)) == "–"
    assert percent(Estimate(-0.0001, -0.001, 0.001, 9)) == "0.0 % (−0.1 to 0.1)"


def test_a_page_for_a_browser_fetches_nothing_and_runs_no_name() -> None:
    sheet = Sheet("Groups", ("rule", "requests"), (("<script>alert(1)</script>", "12"),))
    text = as_html(Page("Savings", "5 < 6 & so on", (sheet,), ("see `report <b>`",)))
    assert text.startswith("<!doctype html>")
    assert '<td>&lt;script&gt;alert(1)&lt;/script&gt;</td><td class="n">12</td>' in text
    assert "5 &lt; 6 &amp; so on" in text
    assert "<p>see <code>report &lt;b&gt;</code></p>" in text
    assert "http" not in text


def test_columns_without_a_name_leave_no_gap_under_a_title() -> None:
    page = Page("Savings", "none", (Sheet("Per reply", ("", ""), (("requests", "12"),), numbers=False),))
    assert "Per reply\n  requests  12\n" in as_table(page)
    assert "<th>" not in as_html(page)


def test_figures_stand_to_the_right_and_words_to_the_left() -> None:
    columns = ("upstream", "host", "spent", "calls")
    sheet = Sheet(
        "Calls", columns, (("big", "127.0.0.1:80", "at least $1.00", "≥ 1,200"), ("small", "–", "$0.50", "–"))
    )
    text = as_html(Page("Savings", "none", (sheet,)))
    assert '<tr><td>small</td><td>–</td><td class="n">$0.50</td><td class="n">–</td></tr>' in text
    assert "  small     –                      $0.50        –\n" in as_table(Page("Savings", "none", (sheet,)))


def test_a_cell_of_a_csv_steers_no_terminal_it_is_shown_on() -> None:
    assert as_csv([{"group": "\x1b[2J\u202ea\r\nb", "n": 1}]) == "group,n\n\ufffd[2J\ufffda\ufffd\ufffdb,1\n"
    assert as_csv([{"group": "\t=1", "n": 1}]) == "group,n\n'\ufffd=1,1\n"
