"""How good a second stage is on questions it never saw: one small answer checked, or a panel, in turn or at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from classifier import curve, panel_train, stopping
from classifier.bounds import rounded
from classifier.curve import Grades
from classifier.evaluate import (
    LEVELS,
    Contender,
    Options,
    Sided,
    answer_tokens,
    controls,
    figures,
    graded_by,
    intervals_of,
)
from classifier.lessons import Floats, Ints
from classifier.outcome import Measured, measured
from classifier.panel_train import HOPELESS, MOSTLY_KEPT, Learned, Plan
from classifier.questions import Question
from classifier.stopping import Cuts, Outcome, Stages
from classifier.verifier_train import Best


@dataclass(frozen=True, slots=True)
class Costs:
    """Dollars of n questions: each member's answer (members, n) and the big model's (n,)."""

    small: Floats
    large: Floats


@dataclass(frozen=True, slots=True)
class Side:
    """Test questions with what was found of them: best candidates, what they cost, which question is whose."""

    questions: Sequence[Question]
    stages: Stages
    costs: Costs
    groups: Ints


def evaluate(
    train: Sequence[Question],
    test: Sequence[Question],
    plan: Plan,
    options: Options,
    say: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Returns the figures of CONTRACT's `learn evaluate` for the stages `answer` and `panel`, as plain JSON data.

    Cuts are fixed on the train questions' out-of-fold scores and measured on the test questions; intervals are
    95 % bootstrap intervals by question, none narrower than so many questions allow. A big answer is never read, a
    grade only to measure.
    """
    learned = panel_train.learn(train, plan, say)
    unseen = learned.unseen(test)
    say(f"measuring on {len(test)} questions")
    seen = side(test, unseen.stages, options)
    main = _ranked(learned, seen, options)
    main["at"], main["at_once"] = _policies(learned, unseen, seen, options)
    members = [label.small_model for label in test[0].labels]
    grades = np.array([question.grades for question in test])
    before = side(train, learned.best.stages, options)
    say("measuring the controls")
    return {
        "stage": "panel" if len(members) > 1 else "answer",
        "n": len(test),
        "questions": len(np.unique(seen.groups)),
        "effective_questions": round(_grades(seen).questions, 1),
        "small_quality": rounded(_grades(seen).mean(seen.stages.grade[-1])),
        "big_quality": rounded(_grades(seen).mean(seen.stages.big)),
        **main,
        "controls": controls(main, _sided(before), _sided(seen), options),
        "members": {name: rounded(_grades(seen).mean(grades[:, i])) for i, name in enumerate(members)},
        "checkable": rounded(float(np.mean([question.ask.kind is not None for question in test]))),
        "task_from": plan.task_from,
        "train": {"n": len(train), "questions": len({question.key for question in train})},
        "method": _method(plan, options) | graded_by([question.label for question in test]),
    }


def side(questions: Sequence[Question], stages: Stages, options: Options) -> Side:
    """Returns questions with their costs and their numbers for resampling."""
    keys = {key: i for i, key in enumerate(sorted({question.key for question in questions}))}
    groups = np.array([keys[question.key] for question in questions], dtype=np.int64)
    return Side(questions, stages, costs(questions, options), groups)


def costs(questions: Sequence[Question], options: Options) -> Costs:
    """Returns what each answer cost, as its row states, else tokens times assumed prices."""
    prices = options.prices
    asked = answer_tokens([q.label.spending.prompt_tokens for q in questions], prices)
    members = range(len(questions[0].labels))
    wrote = [answer_tokens([q.labels[i].spending.small_tokens for q in questions], prices) for i in members]
    large = answer_tokens([q.label.spending.large_tokens for q in questions], prices)
    return Costs(
        np.array([(asked * prices.small_input + tokens * prices.small_output) / 1e6 for tokens in wrote]),
        (asked * prices.large_input + large * prices.large_output) / 1e6,
    )


def figures_of(outcome: Outcome, seen: Side, options: Options) -> dict[str, Any]:
    """Returns share, loss, harm, cost and calls of what a policy did, with intervals paired by question."""
    kept = outcome.kept.astype(np.float64)
    asked = np.arange(len(seen.costs.small))[:, None] < outcome.calls[None, :]
    saved = kept * seen.costs.large - (seen.costs.small * asked).sum(axis=0)
    grades = _grades(seen)
    found = measured(Measured(kept, outcome.lost(seen.stages.big), saved), grades, options.draws, options.seed)
    return found | {"local_calls": rounded(grades.mean(outcome.calls))}


def sequence(learned: Learned, unseen: Best, loss: float) -> tuple[Outcome, Cuts]:
    """Returns what the panel does in turn with cuts fixed on the learned questions, and those cuts.

    Where they keep less than `MOSTLY_KEPT`, a hopeless panel stops early, if that costs no more than a point of
    share on the learned questions.
    """
    own = learned.best.stages
    cuts = stopping.in_sequence(own, loss, learned.plan.deviations)
    plain = stopping.play(own, cuts)
    if len(own.score) == 1 or plain.kept.mean() >= MOSTLY_KEPT or not plain.kept.any():
        return stopping.play(unseen.stages, cuts), cuts
    chances, trees = panel_train.later(learned, cuts)
    giving_up = replace(cuts, hopeless=HOPELESS)
    tried = stopping.play(replace(own, later=chances), giving_up)
    if tried.kept.mean() < plain.kept.mean() - 0.01:
        return stopping.play(unseen.stages, cuts), cuts
    return stopping.play(replace(unseen.stages, later=panel_train.unseen_later(trees, unseen)), giving_up), giving_up


def together(learned: Learned, unseen: Best, loss: float) -> tuple[Outcome, Cuts]:
    """Returns what the panel does when all are asked at once, and its one cut; every member is asked."""
    cuts = stopping.at_once(learned.best.stages, loss, learned.plan.deviations)
    outcome = stopping.play(unseen.stages, cuts)
    return replace(outcome, calls=np.full(len(outcome.calls), float(len(cuts.keep)))), cuts


def propose(
    train: Sequence[Question], plan: Plan, loss: float, say: Callable[[str], None] = lambda line: None
) -> tuple[int, ...]:
    """Returns the best asking order as positions: the strongest first, then who keeps most together with it."""
    grades = np.array([question.grades for question in train]).mean(axis=0)
    ranked = sorted(range(len(grades)), key=lambda i: (-grades[i], i))
    if len(ranked) < 3:
        return tuple(ranked)
    kept = {}
    for second in ranked[1:]:
        say(f"trying {train[0].labels[second].small_model} second")
        pair = [reordered(question, (ranked[0], second)) for question in train]
        stages = panel_train.learn(pair, plan).best.stages
        kept[second] = float(stopping.play(stages, stopping.in_sequence(stages, loss, plan.deviations)).kept.mean())
    second = max(kept, key=lambda i: (round(kept[i], 3), -ranked.index(i)))
    return (ranked[0], second, *(i for i in ranked[1:] if i != second))


def reordered(question: Question, order: Sequence[int]) -> Question:
    """Returns the question with its answers in another asking order, or fewer of them."""
    labels, answers = (tuple(given[i] for i in order) for given in (question.labels, question.answers))
    return replace(question, labels=labels, answers=answers)  # type: ignore[arg-type]  # each of its own kind


def _policies(learned: Learned, unseen: Best, seen: Side, options: Options) -> tuple[dict[str, Any], dict[str, Any]]:
    turns: dict[str, Any] = {}
    once: dict[str, Any] = {}
    known = panel_train.calibrate(learned.best.stages)
    for level in LEVELS:
        for found, way in ((turns, sequence), (once, together)):
            outcome, cuts = way(learned, unseen, float(level))
            keep = [None if cut == stopping.NEVER else rounded(cut) for cut in cuts.keep]
            p_kept = list(panel_train.stop(cuts, known).keep)
            more = {"cuts": keep, "p_kept": p_kept, "hopeless": cuts.hopeless}
            found[level] = figures_of(outcome, seen, options) | more
    return turns, once


def _ranked(learned: Learned, seen: Side, options: Options) -> dict[str, Any]:
    """Figures of the ranking when all have been asked: the raw score is the expected gain of the big model."""
    score = -seen.stages.score[-1]
    ways = Contender(score, dict.fromkeys(LEVELS, float("-inf")))
    main = figures(ways, _grades(seen), options)
    level = panel_train.calibrate(learned.best.stages)
    chances = np.array([level.p_good(gain, str(len(seen.stages.score))) for gain in score.tolist()])
    main["ece"] = rounded(
        curve.calibration_error(chances, seen.stages.grade[-1] >= seen.stages.big, seen.stages.weight)
    )
    return main


def _grades(seen: Side) -> Grades:
    small, weight = seen.costs.small.sum(axis=0), seen.stages.weight
    return Grades(seen.stages.grade[-1], seen.stages.big, small, seen.costs.large, seen.groups, weight)


def _sided(seen: Side) -> Sided:
    return Sided([question.labels[0] for question in seen.questions], _grades(seen))


def _method(plan: Plan, options: Options) -> dict[str, Any]:
    prices = options.prices
    return {
        "cost": f"tokens at ${prices.large_input:g}/{prices.large_output:g} (big) and "
        f"${prices.small_input:g}/{prices.small_output:g} (each small call) a million",
        "cut": f"one for each stage, the largest share whose out-of-fold loss on the train questions, plus "
        f"{plan.deviations:g} standard errors, stays within the level",
        "intervals": intervals_of(options),
        "small_quality": "of the best-scored answer when all members have been asked",
        "controls": "choose between that answer and the big one",
        "hopeless": f"below {HOPELESS:g} no more are asked, where less than {MOSTLY_KEPT:g} is kept",
    }


def card_figures(
    train: Sequence[Question], test: Sequence[Question], plan: Plan, options: Options
) -> dict[str, dict[str, Any]]:
    """Returns what of an evaluation goes into an artifact's card: the panel in turn at each level."""
    learned = panel_train.learn(train, plan)
    unseen = learned.unseen(test)
    seen = side(test, unseen.stages, options)
    return {level: figures_of(sequence(learned, unseen, float(level))[0], seen, options) for level in LEVELS}
