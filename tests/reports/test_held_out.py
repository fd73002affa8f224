"""What was measured on held-out rows, for people: shares beside their losses, and every control beside them."""

from typing import Any

from router.reports.held_out import page
from router.reports.render import as_table


def between(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": value, "low": low, "high": high}


def figures(share: dict[str, float], loss: dict[str, float], **more: Any) -> dict[str, Any]:
    at = {"share_small": share, "loss": loss["value"], "loss_interval": loss, "harm": 0.01, "cost_saved": 0.4}
    return {"at": {"0.02": at | {"local_calls": 0.5}}, "apgr": between(0.6, 0.5, 0.7), "cpt50": None, **more}


REPORT = figures(
    between(0.5, 0.45, 0.55),
    between(0.02, 0.01, 0.03),
    n=1500,
    questions=1500,
    stage="question",
    small_quality=0.4,
    big_quality=0.7,
    hindsight={"0.02": 0.6},
    method={"random_mix": "spends the same"},
    controls={"random_mix": figures(between(0.5, 0.5, 0.5), between(0.15, 0.14, 0.16))},
)


def test_the_first_line_says_what_was_kept_at_what_loss_and_what_a_coin_would_have_lost() -> None:
    assert page(REPORT).headline == (
        "Aimed at 2.0 %: 50.0 % (45.0 to 55.0) small at a relative loss of 2.0 % (1.0 to 3.0); "
        "a random mix of the same cost loses 15.0 % (14.0 to 16.0)."
    )


def test_what_a_coin_might_do_as_well_is_no_headline_and_neither_is_nothing() -> None:
    mix = {"random_mix": figures(between(0.5, 0.5, 0.5), between(0.04, 0.02, 0.06))}
    assert page(REPORT | {"controls": mix}).headline == (
        "Aimed at 2.0 %: no headline. 50.0 % (45.0 to 55.0) small at a relative loss of 2.0 % (1.0 to 3.0) is not told "
        "apart from a random mix of the same cost, which loses 4.0 % (2.0 to 6.0)."
    )
    none = figures(between(0.0, 0.0, 0.0), between(0.0, 0.0, 0.0), controls=mix)
    assert page(REPORT | none).headline == "Aimed at 2.0 %: nothing is kept small; no cut on these rows is safe enough."


def test_every_way_stands_in_every_table_and_nothing_is_written_for_what_is_not_known() -> None:
    aimed, ranking = page(REPORT).sheets
    assert [row[0] for row in aimed.rows] == [row[0] for row in ranking.rows] == ["classifier", "random mix"]
    assert aimed.rows[1] == ("random mix", "50.0 %", "15.0 % (14.0 to 16.0)", "1.0 %", "40.0 %", "0.50")
    assert ranking.rows[0][1:3] == ("0.600 (0.500 to 0.700)", "–")
    assert "None" not in as_table(page(REPORT), 200)


def test_a_headline_needs_as_many_questions_as_would_have_shown_a_loss_of_one_in_twenty() -> None:
    assert page(REPORT | {"n": 59, "questions": 59}).headline == page(REPORT).headline
    assert page(REPORT | {"n": 58, "questions": 58}).headline == (
        "Aimed at 2.0 %: no headline. 58 questions were held out: with fewer than 59, one in 20 may go unseen. "
        "50.0 % (45.0 to 55.0) small at a relative loss of 2.0 % (1.0 to 3.0)."
    )


def test_questions_of_unequal_chances_count_for_what_they_are_worth() -> None:
    said = page(REPORT | {"questions": 80, "effective_questions": 31.2}).headline
    assert "80 questions were held out, worth 31 of equal chance: with fewer than 59" in said


def test_the_headline_ends_with_what_to_write_into_the_policy_and_a_withheld_one_does_not() -> None:
    at = {"0.02": REPORT["at"]["0.02"] | {"p_good": {"tiny-a": 0.9085, "tiny-b": None}, "p_kept": [0.9, None, 0.7]}}
    said = page(REPORT | {"at": at}).headline
    assert said.endswith(
        "In a policy, by hand: `cut: 0.908` for tiny-a. In a policy, by hand, the strictest stage's: `keep_cut: 0.900`."
    )
    withheld = page(REPORT | {"at": at, "questions": 58})
    assert "cut:" not in withheld.headline
    assert "In a policy, by hand: `cut: 0.908` for tiny-a." in " ".join(withheld.notes)


def test_what_is_so_by_definition_has_no_interval() -> None:
    always = figures(between(1.0, 1.0, 1.0), between(0.1, 0.05, 0.2)) | {"apgr": between(0.0, 0.0, 0.0)}
    aimed, ranking = page(REPORT | {"controls": {"always_small": always}}).sheets
    assert aimed.rows[1][1:3] == ("100.0 %", "10.0 % (5.0 to 20.0)")
    assert ranking.rows[1][1] == "0.000"


def test_what_has_no_interval_says_so() -> None:
    notes = " ".join(page(REPORT).notes)
    assert "60.0 % at 2.0 %. So it has no interval." in notes
    assert "Mean grades, CPT, AUROC and ECE stand here without an interval" in notes


def test_what_has_no_figure_is_a_dash() -> None:
    none = {"value": None, "low": None, "high": None}
    assert page(REPORT | {"apgr": none}).sheets[1].rows[0][1] == "–"
