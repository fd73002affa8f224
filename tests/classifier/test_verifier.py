"""The second stage returns the best answer given so far, and says how sure it is only where it knows the level."""

from math import isnan
from typing import Any

import pytest

from classifier import panel_train
from classifier.digests import model_digest
from classifier.panel_train import Plan
from classifier.questions import gather
from classifier.verifier import FEATURES, Given, Verifier
from classifier.verifier_train import Recipe
from tests.standins.graded_panel import MEMBERS, graded_labels

SUM = {"messages": [{"role": "user", "content": "How many apples are 3 and 4 apples?"}]}
A, B, C = "a" * 16, "b" * 16, "c" * 16


def gave(digest: str, text: str, **more: Any) -> Given:
    return Given(digest, digest, {"role": "assistant", "content": text}, "stop", 5, **more)


def test_the_value_most_give_goes_out_in_the_text_of_its_first_asked_supporter() -> None:
    answers = [gave(A, "It is 8."), gave(B, "So 7."), gave(C, "The answer is 7.0")]
    weighed = Verifier().weigh(SUM, answers, members=(A, B, C))
    assert (weighed.best, weighed.value) == (1, "7")
    assert (weighed.support, weighed.asked, weighed.distinct) == (2, 3, 2)


def test_a_tie_of_votes_goes_to_the_strongest() -> None:
    weighed = Verifier().weigh(SUM, [gave(A, "8"), gave(B, "7")], members=(A, B))
    assert (weighed.best, weighed.value) == (0, "8")


def test_of_equal_answers_one_in_good_form_is_sent() -> None:
    answers = [gave(A, "7", flags={"clean": 0.0}), gave(B, "7", flags={"clean": 1.0})]
    assert Verifier().weigh(SUM, answers, members=(A, B)).best == 1


def test_an_answer_cut_off_or_refused_speaks_for_nothing() -> None:
    cut = Given(A, A, {"content": "so 3 plus 4 is 9"}, "length")
    refused = gave(B, "I cannot answer 9", flags={"refused": 1.0})
    weighed = Verifier().weigh(SUM, [cut, refused, gave(C, "7")], members=(A, B, C))
    assert (weighed.best, weighed.value, weighed.support) == (2, "7", 1)


def test_where_all_abstain_there_is_no_value_and_no_support() -> None:
    weighed = Verifier().weigh(SUM, [gave(A, "I wonder"), gave(B, "who knows")], members=(A, B))
    assert (weighed.value, weighed.support, weighed.distinct) == (None, 0, 0)


def test_untrained_the_level_is_not_known() -> None:
    weighed = Verifier().weigh(SUM, [gave(A, "7"), gave(B, "7")], members=(A, B))
    assert weighed.p_kept is None
    assert weighed.hopeless is None
    assert isnan(weighed.gain)


def test_absent_log_probabilities_are_not_known_and_never_sure() -> None:
    column = FEATURES.index("logprob_mean")
    without = Verifier().weigh(SUM, [gave(A, "7")], members=(A,)).evidence
    clamped = Verifier().weigh(SUM, [gave(A, "7", logprobs=(-0.5, -9999.0))], members=(A,)).evidence
    empty = Verifier().weigh(SUM, [gave(A, "7", logprobs=())], members=(A,)).evidence
    assert isnan(without[column])
    assert isnan(empty[column])
    assert clamped[column] == pytest.approx(-25.25)


def test_samples_of_one_model_are_members_like_others() -> None:
    answers = [gave(A, "7"), gave(A, "8"), gave(A, "7")]
    weighed = Verifier().weigh(SUM, answers, members=(A, A, A))
    assert (weighed.value, weighed.support) == ("7", 2)


def test_without_an_answer_there_is_nothing_to_weigh() -> None:
    with pytest.raises(ValueError, match="ask a member first"):
        Verifier().weigh(SUM, [], members=(A,))


@pytest.fixture(scope="module")
def trained() -> Verifier:
    plan = Plan(recipe=Recipe(trees=40, rate=0.1), task_from="request")
    return Verifier(*panel_train.finish(panel_train.learn(gather(graded_labels(400), MEMBERS, None), plan)))


def of(member: str, text: str) -> Given:
    return Given(member, model_digest(member), {"role": "assistant", "content": text}, "stop", 6)


PANEL = tuple(map(model_digest, MEMBERS))
SUMS = {"messages": [{"role": "user", "content": "How many are 300 and 400 and 3?"}]}


def test_agreement_raises_the_chance_to_be_kept(trained: Verifier) -> None:
    one = trained.weigh(SUMS, [of("able", "703")], members=PANEL)
    two = trained.weigh(SUMS, [of("able", "703"), of("fair", "703")], members=PANEL)
    split = trained.weigh(SUMS, [of("able", "703"), of("fair", "713")], members=PANEL)
    assert (two.p_kept or 0) > (one.p_kept or 0) > (split.p_kept or 0)
    assert one.hopeless is not None


def test_the_best_supported_answer_beats_the_strongest_models(trained: Verifier) -> None:
    answers = [of("able", "704"), of("fair", "703"), of("weak", "The answer is 703.")]
    weighed = trained.weigh(SUMS, answers, members=PANEL)
    assert (weighed.best, weighed.value, weighed.support) == (1, "703", 2)
    assert weighed.hopeless is None  # nobody is left to ask


def test_models_it_does_not_know_are_ranked_and_have_no_level(trained: Verifier) -> None:
    answers = [gave(A, "704"), gave(B, "703"), gave(C, "703")]
    weighed = trained.weigh(SUMS, answers, members=(A, B, C))
    assert weighed.value == "703"
    assert weighed.p_kept is None
    assert not isnan(weighed.gain)


def test_a_task_or_a_kind_it_does_not_know_has_no_level(trained: Verifier) -> None:
    system = {"role": "system", "content": "You count stock."}
    app = {"messages": [system, *SUMS["messages"]]}
    letters = {"messages": [{"role": "user", "content": "Which?\nA. x\nB. y"}]}
    assert trained.weigh(app, [of("able", "703")], members=PANEL).p_kept is None
    assert trained.weigh(letters, [of("able", "A")], members=PANEL).p_kept is None


def test_a_panel_stops_where_it_was_measured_to(trained: Verifier) -> None:
    stop = trained.stop(PANEL, "0.05")
    assert stop is not None
    assert len(stop.keep) == 3
    assert trained.stop((A, B, C), "0.05") is None
    strictest = max(cut for cut in stop.keep if cut is not None)
    for other in (PANEL[::-1], PANEL[:2]):  # its cuts were found for three, in one order
        found = trained.stop(other, "0.05")
        assert found is not None
        assert found.keep == (*[None] * (len(other) - 1), strictest)
    once = trained.stop(PANEL, "0.05", at_once=True)
    assert once is not None
    assert once.keep[:2] == (None, None)


def test_the_same_answers_weigh_the_same(trained: Verifier) -> None:
    answers = [of("able", "703"), of("fair", "7")]
    assert repr(trained.weigh(SUMS, answers, members=PANEL)) == repr(trained.weigh(SUMS, answers, members=PANEL))


def test_what_is_served_is_what_was_trained() -> None:
    """Columns, task means and the trees' own selection of them agree on both sides."""
    questions = gather(graded_labels(150), MEMBERS, None)
    learned = panel_train.learn(questions, Plan(recipe=Recipe(trees=30, rate=0.1), task_from="request"))
    served, scores = Verifier(*panel_train.finish(learned)), learned.unseen(questions).stages.score
    for i, question in enumerate(questions[:40]):
        given = [
            Given(one.small_model, one.small_digest, {"content": one.answer.text}, "stop", one.spending.small_tokens)
            for one in question.labels
        ]
        for asked in (1, 2, 3):
            weighed = served.weigh(question.label.body, given[:asked], members=PANEL)
            assert weighed.gain == pytest.approx(scores[asked - 1, i], abs=1e-6)


def test_every_answer_is_told_by_what_it_says_the_best_first_and_the_silent_last() -> None:
    given = [Given(f"m{n}", f"d{n}", {"content": text}) for n, text in enumerate(("41", "42", "I cannot say.", "42"))]
    weighed = Verifier().weigh(SUM, given, members=("d0", "d1", "d2", "d3"))
    (best, own), (other, its), (silent, none) = weighed.heard
    assert (best, other, silent) == ((1, 3), (0,), (2,))
    assert (own, none) == ((), None)
    assert its is not None
    assert len(its) == len(weighed.evidence)
