"""`python -m bench.panel_note --data DIR`: our recipe and the note's on the same folds, read at equal losses.

Two cuts for one aim seldom end at the same loss. So many aims are cut for, and the share is read where the loss, out of
fold, is the one asked for: 1, 2 and 5 %, and those that the note's own figures ended at. No panel gives up early.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.panel_cases import CASES, Case
from bench.panel_ways import ANSWER, TURNS
from classifier import curve, labels, panel_train, stopping, verifier_train
from classifier.evaluate import LEVELS
from classifier.panel import reordered
from classifier.panel_train import Plan
from classifier.questions import Question, gather
from classifier.verifier_train import Recipe

Floats = NDArray[np.float64]
AIMS = (*np.arange(0.0025, 0.0251, 0.0025), *np.arange(0.03, 0.0601, 0.005), 0.07)
DRAWS = 300
_READS = (
    "support lead distinct abstained asked tokens chars longest_over_shortest prompt_chars prompt_numbers who_0 who_1 "
    "who_2 faults tools calls calls_nothing overlap_mean overlap_max"
)
NOTE = Recipe(min_child=40, many_rows=sys.maxsize, columns=tuple(_READS.split()))
"""The note's: 150 trees however many rows, leaves half as large, votes, who, lengths and schema checks alone."""
HEAD = (
    "| data | way | loss % | in hindsight ours keeps % | the note's recipe, same folds | points more "
    "| the note's own figure |",
    "|---|---|---|---|---|---|---|",
)
_PUBLISHED = re.compile(r"([\d.]+) \(([\d.]+)\)")


@dataclass(frozen=True)
class Front:
    """What cuts for each of `AIMS` kept and lost, means over draws of the folds: both (aims, n); big grades (n,)."""

    kept: Floats
    lost: Floats
    big: Floats

    def at(self, losses: Floats, weight: Floats) -> Floats:
        """Returns the share kept where this much of the big quality is lost; `weight` (n,) repeats questions."""
        share, loss = self.kept @ weight / weight.sum(), self.lost @ weight / (weight @ self.big)
        order = np.argsort(loss)
        return np.interp(losses, loss[order], np.maximum.accumulate(share[order]))


def fronts(questions: Sequence[Question], plans: Sequence[Plan], draws: int) -> list[Front]:
    """Returns the front of each plan; everything learned and every cut fixed on four folds, played on the fifth."""
    keys = {key: i for i, key in enumerate(sorted({question.key for question in questions}))}
    groups = np.array([keys[question.key] for question in questions], dtype=np.int64)
    kept, lost = (np.zeros((len(plans), len(AIMS), len(questions))) for _ in range(2))
    for draw in range(draws):
        fold = verifier_train.folds(groups, replace(plans[0].recipe, seed=plans[0].recipe.seed + 1 + draw))
        for k in range(plans[0].recipe.folds):
            print(f"  draw {draw + 1} of {draws}, fold {k + 1}", file=sys.stderr, flush=True)
            own = np.flatnonzero(fold == k)
            unseen, learned = ([questions[i] for i in np.flatnonzero((fold == k) == here)] for here in (True, False))
            for p, plan in enumerate(plans):
                share, loss = _played(learned, unseen, plan)
                kept[p][:, own] += share / draws
                lost[p][:, own] += loss / draws
    big = np.array([question.big for question in questions])
    return [Front(kept[p], lost[p], big) for p in range(len(plans))]


def _played(learned: Sequence[Question], unseen: Sequence[Question], plan: Plan) -> tuple[Floats, Floats]:
    """Where the panel keeps an unseen question at each aim, and what it loses there, both (aims, n)."""
    found = panel_train.learn(learned, plan)
    own, stages = found.best.stages, found.unseen(unseen).stages
    made = [stopping.play(stages, stopping.in_sequence(own, float(aim), 0.0)) for aim in AIMS]
    return np.array([one.kept for one in made], dtype=np.float64), np.array([one.lost(stages.big) for one in made])


def table(case: Case, questions: Sequence[Question], seed: int, draws: int) -> Iterator[str]:
    """Yields the case's lines: of one answer and of the panel in turn, the share at each loss by both recipes."""
    for way, cells, size in ((ANSWER, case.alone, 1), (TURNS, case.in_turn, len(case.members))):
        published = [found.groups() for cell in cells or () if (found := _PUBLISHED.match(cell))]
        losses = np.array([*map(float, LEVELS), *(float(loss) / 100 for _, loss in published)])
        stated = [*[""] * len(LEVELS), *(share for share, _ in published)]
        asked = [reordered(question, tuple(range(size))) for question in questions]
        plans = [Plan(recipe=one, task_from=case.task_from, deviations=0.0) for one in (Recipe(seed=seed), NOTE)]
        ours, theirs = fronts(asked, plans, draws)
        rows = zip(losses, stated, _cells(ours, theirs, asked, losses), strict=True)
        yield from (f"| {case.name} | {way} | {100 * loss:.2f} | {cell} | {own} |" for loss, own, cell in rows)


def _cells(ours: Front, theirs: Front, questions: Sequence[Question], losses: Floats) -> Iterator[str]:
    keys = np.unique([question.key for question in questions], return_inverse=True)[1]
    drawn = np.array([ours.at(losses, w) - theirs.at(losses, w) for w in curve.resamples(keys, DRAWS, seed=7)])
    low, high = 100 * np.quantile(drawn, (0.025, 0.975), axis=0)
    own, other = (100 * front.at(losses, np.ones(len(questions))) for front in (ours, theirs))
    for i in range(len(losses)):
        yield f"{own[i]:.1f} | {other[i]:.1f} | {own[i] - other[i]:+.1f} ({low[i]:+.1f} to {high[i]:+.1f})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a Markdown table of the cases named."""
    parser = argparse.ArgumentParser(prog="python -m bench.panel_note", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled files")
    beside = [name for name, case in CASES.items() if case.in_turn]
    parser.add_argument("--cases", default=",".join(beside), help="of: " + ", ".join(beside))
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--repeats", type=int, help="draws of the folds (default: the case's own)")
    args = parser.parse_args(arguments)
    print(*HEAD, sep="\n", flush=True)
    for name in args.cases.split(","):
        case = CASES[name]
        questions = gather(labels.read([args.data / case.file]), case.members, case.big)
        print(case.name, file=sys.stderr)
        print(*table(case, questions, args.seed, args.repeats or case.repeats), sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
