"""Quality follows NUMBERS: what the baseline served loses nothing, what is missing counts against us."""

import pytest

from router.core.exchange import Outcome
from router.reports.quality_page import flat, headline, page
from router.store.memory import MemoryStore
from tests.reports.conftest import TODAY
from tests.reports.grades import ask, play, world
from tests.store.records import NOON, SECOND, closed


def test_a_wise_choice_keeps_the_quality_and_beats_the_random_mix(ledger: MemoryStore) -> None:
    world(ledger, wise=True)
    report = ask(ledger)
    total = report.total
    assert (total.answered, total.kept, total.labelled, total.kept_labelled) == (100, 50, 100, 50)
    assert (total.served.value, total.small.value, total.big.value) == (1.0, 0.5, 1.0)
    assert (total.loss.value, total.harm.value) == (0.0, 0.0)
    assert report.over_mix.value == pytest.approx(0.25)
    assert headline(report).startswith("50.0 % (")


def test_nothing_lost_still_has_an_upper_bound(ledger: MemoryStore) -> None:
    world(ledger, wise=True)
    assert ask(ledger).total.harm.high == pytest.approx(0.5 * (1 - 0.025 ** (1 / 50)))


def test_requests_that_nobody_graded_prove_nothing(ledger: MemoryStore) -> None:
    for n in range(200):
        if n < 5:
            play(ledger, closed("small"), 1.0, 1.0)
        else:
            ledger.append(closed("small"))
    total = ask(ledger).total
    assert (total.harm.value, total.harm.n) == (0.0, 5)
    assert total.harm.high == pytest.approx(1 - 0.025 ** (1 / 5))


def test_one_label_gives_no_interval(ledger: MemoryStore) -> None:
    play(ledger, closed("small"), 1.0, 1.0)
    for _ in range(200):
        ledger.append(closed("small"))
    report = ask(ledger)
    assert report.total.harm.known is False
    assert report.withheld.startswith("not enough evidence: 29 more labels of small answers that were served")


def test_harm_a_day_counts_the_days_of_the_traffic_and_not_of_the_labels(ledger: MemoryStore) -> None:
    play(ledger, closed("small"), 0.0, 1.0)
    play(ledger, closed("small"), 1.0, 1.0)
    ledger.append(closed("small", started_at=TODAY.since_us))
    ledger.append(closed("small", started_at=TODAY.until_us - 1))
    assert ask(ledger).harmed_a_day == pytest.approx(0.5 * 4 / 2)


def test_an_hour_of_traffic_says_nothing_of_a_day(ledger: MemoryStore) -> None:
    play(ledger, closed("small"), 0.0, 1.0)
    play(ledger, closed("small", started_at=NOON + 3600 * SECOND), 1.0, 1.0)
    report = ask(ledger)
    assert (report.harmed, report.harmed_a_day) == (1.0, None)
    assert "about 1.0 (0 to 2) of these requests" in [cell for row in page(report).sheets[0].rows for cell in row]


def sparsely_graded(ledger: MemoryStore, *, big: int) -> None:
    """645 of 1,000 answered small; 70 of these graded, 11 of them worse, and so many of the baseline's own."""
    for n in range(645):
        if n < 70:
            play(ledger, closed("small"), 0.0 if n < 11 else 1.0, 1.0)
        else:
            ledger.append(closed("small"))
    for n in range(355):
        if n < big:
            play(ledger, closed("big"), 0.0, 1.0)
        else:
            ledger.append(closed("big"))


def test_small_answers_may_be_graded_more_often_than_others(ledger: MemoryStore) -> None:
    sparsely_graded(ledger, big=10)
    total = ask(ledger).total
    assert total.loss.value == pytest.approx(0.645 * 11 / 70)
    assert total.quality_kept.value == pytest.approx(1 - 0.645 * 11 / 70)
    assert total.served.value == pytest.approx(1 - 0.645 * 11 / 70)
    assert total.small.value == pytest.approx(0.645 * 59 / 70)
    controls = {control.name: control for control in ask(ledger).controls}
    assert controls["random mix"].share_small == pytest.approx(0.645)
    assert controls["random mix"].quality.value == pytest.approx(0.645 * 0.645 * 59 / 70 + 0.355)
    assert controls["oracle"].quality.value == 1.0


def test_where_no_answer_of_the_baselines_is_graded_that_is_what_is_missing(ledger: MemoryStore) -> None:
    sparsely_graded(ledger, big=0)
    report = ask(ledger)
    assert report.total.loss.value == pytest.approx(0.645 * 11 / 70)
    assert report.total.quality_kept.value is None
    assert "of what the baseline answered nothing has both grades" in headline(report)
    assert [control.share_small for control in report.controls if control.name == "random mix"] == [0.645]
    assert {control.quality.value for control in report.controls} == {None}


def test_no_headline_rests_on_a_few_labels_of_what_the_baseline_answered(ledger: MemoryStore) -> None:
    sparsely_graded(ledger, big=29)
    assert headline(ask(ledger)) == (
        "No headline: not enough evidence: 1 more label of what the baseline answered (30 conversations of each)."
    )


def test_thirty_of_each_carry_a_headline(ledger: MemoryStore) -> None:
    sparsely_graded(ledger, big=30)
    assert ask(ledger).withheld == ""


def test_a_mean_grade_is_no_surer_than_its_least_graded_part(ledger: MemoryStore) -> None:
    sparsely_graded(ledger, big=3)
    report = ask(ledger)
    bound = 1 - 0.025 ** (1 / 3)
    assert report.total.served.n == report.over_mix.n == 3
    assert report.total.served.low == pytest.approx(1 - bound)
    assert report.over_mix.low is not None
    assert report.over_mix.value is not None
    assert report.over_mix.low <= report.over_mix.value - bound
    assert report.total.quality_kept.low is not None
    assert report.total.quality_kept.low == pytest.approx(1 - 0.645 * bound)


def test_what_was_kept_is_no_surer_than_what_was_lost(ledger: MemoryStore) -> None:
    for _ in range(15):
        play(ledger, closed("small"), 1.0, 1.0)
        play(ledger, closed("big"), 0.0, 1.0)
    total = ask(ledger).total
    assert (total.quality_kept.value, total.quality_kept.high) == (1.0, 1.0)
    assert total.harm.high is not None
    assert total.quality_kept.low == pytest.approx(1 - total.harm.high)


def test_what_was_kept_is_no_surer_than_what_was_lost_where_nothing_else_was_answered(ledger: MemoryStore) -> None:
    for n in range(100):
        play(ledger, closed("small"), 0.0 if n < 2 else 1.0, 1.0)
    total = ask(ledger).total
    assert total.loss.high is not None
    assert total.quality_kept.low == pytest.approx(1 - total.loss.high)


def test_doubtful_answers_that_were_served_are_told(ledger: MemoryStore) -> None:
    play(ledger, closed("small", degraded=True), 1.0, 1.0)
    play(ledger, closed("small"), 1.0, 1.0)
    report = ask(ledger)
    assert "Served although doubted or cut: 1 (50.0 %); counted like any other." in page(report).notes
    assert flat(report)[0]["degraded"] == 1


def test_a_group_in_which_nothing_was_answered_lost_nothing_that_is_known(ledger: MemoryStore) -> None:
    play(ledger, closed("small", tags={"team": "mail"}), 1.0, 1.0)
    ledger.append(closed("small", named=True))
    (nothing, _) = ask(ledger, by="tag.team").groups
    assert (nothing.answered, nothing.loss.value, nothing.served.value) == (0, None, None)


def test_vectors_are_no_answers(ledger: MemoryStore) -> None:
    play(ledger, closed("small"), 1.0, 1.0)
    ledger.append(closed("embed", dialect="embeddings", named=True, baseline="embed"))
    assert (ask(ledger).total.answered, ask(ledger).total.left_out_named) == (1, 0)


def test_a_better_small_answer_offsets_a_worse_one_in_loss_and_not_in_harm(ledger: MemoryStore) -> None:
    play(ledger, closed("small"), 1.0, 0.0)
    play(ledger, closed("small"), 0.0, 1.0)
    total = ask(ledger).total
    assert (total.loss.value, total.harm.value) == (0.0, 0.5)


def test_what_the_baseline_answered_needs_no_label(ledger: MemoryStore) -> None:
    play(ledger, closed("small"), 0.0, 1.0)
    for _ in range(3):
        ledger.append(closed("big"))
    total = ask(ledger).total
    assert (total.answered, total.labelled) == (4, 1)
    assert (total.loss.value, total.kept_loss.value) == (0.25, 1.0)


def test_a_missing_grade_counts_as_a_full_loss_and_refuses_the_headline(ledger: MemoryStore) -> None:
    for _ in range(9):
        play(ledger, closed("small"), 1.0, 1.0)
    play(ledger, closed("small"), None, 1.0)
    report = ask(ledger)
    assert report.total.missing == 1
    assert report.total.kept_loss.value == pytest.approx(0.1)
    assert "1 of 10 labels have a grade missing" in headline(report)


def test_local_only_and_named_requests_are_left_out_and_counted(ledger: MemoryStore) -> None:
    play(ledger, closed("small", local_only=True), 0.0, 1.0)
    play(ledger, closed("small", named=True), 0.0, 1.0)
    play(ledger, closed("small"), 1.0, 1.0)
    total = ask(ledger).total
    assert (total.answered, total.left_out_local_only, total.left_out_named) == (1, 1, 1)
    assert total.loss.value == 0.0
    assert any("1 local-only" in note for note in page(ask(ledger)).notes)


def test_what_failed_is_not_in_the_population(ledger: MemoryStore) -> None:
    play(ledger, closed("small", outcome=Outcome.FAILED), 0.0, 1.0)
    play(ledger, closed("small"), 1.0, 1.0)
    assert ask(ledger).total.answered == 1


def test_labels_drawn_rarely_weigh_more(ledger: MemoryStore) -> None:
    play(ledger, closed("small"), 0.0, 1.0, inclusion_p=0.25)
    play(ledger, closed("small"), 1.0, 1.0, inclusion_p=1.0)
    assert ask(ledger).total.kept_loss.value == pytest.approx(0.8)


def test_a_checker_outranks_a_judge(ledger: MemoryStore) -> None:
    exchange = closed("small")
    play(ledger, exchange, 0.0, 1.0, who="judge", judge="claude")
    play(ledger, exchange, 1.0, 1.0)
    total = ask(ledger).total
    assert (total.labelled, total.loss.value) == (1, 0.0)


@pytest.mark.parametrize("who", ["feedback", "agreement", "structure", "asked_again"])
def test_some_may_not_speak_of_quality(ledger: MemoryStore, who: str) -> None:
    play(ledger, closed("small"), 1.0, 1.0, who=who)
    report = ask(ledger)
    assert report.total.labelled == 0
    assert [witness.counted for witness in report.witnesses] == [False]


def test_kinds_of_labels_are_never_mixed(ledger: MemoryStore) -> None:
    for _ in range(3):
        play(ledger, closed("small"), 0.4, 0.9, label_kind="pairwise")
    play(ledger, closed("small"), 1.0, 1.0)
    report = ask(ledger)
    assert (report.kind, report.total.labelled) == ("pairwise", 3)
    assert report.total.kept_loss.value == 1.0


def test_a_slice_of_three_is_not_the_worst_of_anything(ledger: MemoryStore) -> None:
    for _ in range(3):
        play(ledger, closed("small"), 0.0, 1.0)
    assert ask(ledger).worst is None


@pytest.mark.parametrize("kind", ["exact", "pairwise"])
def test_an_answer_to_a_prompt_that_was_cut_is_worth_nothing_whatever_was_said_of_it(
    kind: str, ledger: MemoryStore
) -> None:
    for n in range(4):
        cut = {"error": "truncated", "degraded": True} if n == 0 else {}
        play(ledger, closed("small", **cut), 1.0, 1.0, label_kind=kind)
    report = ask(ledger)
    assert (report.total.truncated, report.total.kept) == (1, 4)
    assert (report.total.loss.value, report.total.harm.value, report.total.served.value) == (0.25, 0.25, 0.75)
    assert any("had cut the prompt: 1 (25.0 %) of the small answers" in note for note in page(report).notes)
    assert flat(report)[0]["truncated"] == 1


def test_a_call_that_was_cut_and_answered_by_the_next_step_costs_no_quality(ledger: MemoryStore) -> None:
    play(ledger, closed("small", fallback="truncated"), 1.0, 1.0)
    assert (ask(ledger).total.truncated, ask(ledger).total.loss.value) == (0, 0.0)
