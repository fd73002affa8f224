"""`python -m bench.panel_note --data DIR`: our recipe and the note's on the same folds, read at equal losses.

Two cuts for one aim seldom end at the same loss. So many aims are cut for, and the share is read where the loss, out of
fold, is the one that the note's own figure ended at: the mean over several draws of the folds. No panel gives up early.
Last it counts the cells that lie above the note's, level with them and below.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.panel_cases import CASES, Case
from bench.panel_ways import ANSWER, ONCE, TURNS
from classifier import curve, labels, panel_train, stopping, verifier_train
from classifier.panel import reordered
from classifier.panel_train import Plan
from classifier.questions import Question, gather
from classifier.verifier_train import Recipe

Floats = NDArray[np.float64]
AIMS = (*np.arange(0.0025, 0.0251, 0.0025), *np.arange(0.03, 0.0601, 0.005), 0.07)
DRAWS = 300
CUTS = {ANSWER: stopping.in_sequence, TURNS: stopping.in_sequence, ONCE: stopping.at_once}
PANELS = (TURNS, ONCE)
ROUNDED = 0.05
"""Points by which a share as printed may be above the share itself."""
_READS = (
    "support lead distinct abstained asked tokens chars longest_over_shortest prompt_chars prompt_numbers who_0 who_1 "
    "who_2 faults tools calls calls_nothing overlap_mean overlap_max"
)
NOTE = Recipe(min_child=40, many_rows=sys.maxsize, columns=tuple(_READS.split()), fits=1, smooth=False)
"""The note's: 150 trees however many rows, leaves half as large, votes, who, lengths and schema checks alone."""
STUDENT = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20)
"""Deviations that hold 95 %, of a spread that so many degrees of freedom tell, from one on."""
HEAD = (
    "| data | way | loss % | in hindsight ours keeps %, one draw ± | the note's recipe, same folds, one draw ± "
    "| points more | the note's own figure | points more than it | draws that reach it, ours and its recipe's |",
    "|---|---|---|---|---|---|---|---|---|",
)
_PUBLISHED = re.compile(r"([\d.]+) \(([\d.]+)\)")


@dataclass(frozen=True)
class Front:
    """What cuts for each of `AIMS` kept and lost: both (aims, n); big grades (n,)."""

    kept: Floats
    lost: Floats
    big: Floats

    def at(self, losses: Floats, weight: Floats) -> Floats:
        """Returns the share kept where this much of the big quality is lost; `weight` (n,) repeats questions."""
        share, loss = self.kept @ weight / weight.sum(), self.lost @ weight / (weight @ self.big)
        order = np.argsort(loss)
        return np.interp(losses, loss[order], np.maximum.accumulate(share[order]))


@dataclass(frozen=True)
class Cell:
    """One share beside the note's, in percent.

    `deviations`: of one draw of the folds, ours and its recipe's. `more` (draws of the questions,): the points beyond
    its recipe on the same folds, `beyond` those beyond its own figure and `moved` what other draws of the folds move
    these by, in 95 % of cases; both NaN after one draw. `reached`: the draws that keep what its own figure says, ours
    and its recipe's, of `draws`.
    """

    way: str
    loss: float
    own: float
    other: float
    deviations: tuple[float, float]
    more: Floats
    stated: str
    moved: float
    reached: tuple[int, int]
    draws: int

    @property
    def beyond(self) -> float:
        """Points more than the note's own figure."""
        return self.own - float(self.stated)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the points beyond the recipe, by question, paired."""
        low, high = np.quantile(self.more, (0.025, 0.975))
        return float(low), float(high)


def fronts(
    questions: Sequence[Question], plans: Sequence[Plan], ways: Sequence[str], draws: int
) -> list[dict[str, list[Front]]]:
    """Returns each plan's front by way and draw of the folds; what is learned and cut on four folds plays on the fifth.

    The plans may differ in their recipes alone.
    """
    keys = {key: i for i, key in enumerate(sorted({question.key for question in questions}))}
    groups = np.array([keys[question.key] for question in questions], dtype=np.int64)
    shape, recipe = (len(AIMS), len(questions)), plans[0].recipe
    big = np.array([question.big for question in questions])
    found = [{way: [Front(np.zeros(shape), np.zeros(shape), big) for _ in range(draws)] for way in ways} for _ in plans]
    for draw in range(draws):
        fold = verifier_train.folds(groups, replace(recipe, seed=recipe.seed + 1 + draw))
        for k in range(recipe.folds):
            print(f"  draw {draw + 1} of {draws}, fold {k + 1}", file=sys.stderr, flush=True)
            unseen, learned = ([questions[i] for i in np.flatnonzero((fold == k) == here)] for here in (True, False))
            for p, way, kept, lost in _played(learned, unseen, plans, ways):
                front, own = found[p][way][draw], fold == k
                front.kept[:, own], front.lost[:, own] = kept, lost
    return found


def _played(
    learned: Sequence[Question], unseen: Sequence[Question], plans: Sequence[Plan], ways: Sequence[str]
) -> Iterator[tuple[int, str, Floats, Floats]]:
    """Yields, by plan and way, where the panel keeps an unseen question at each aim, and what it loses: (aims, n)."""
    told = panel_train.read(learned, plans[0])
    apart = None
    for p, plan in enumerate(plans):
        found = panel_train.taught(told, plan)
        apart = found.tabled(unseen) if apart is None else apart
        own, stages = found.best.stages, found.best_of(apart).stages
        for way in ways:
            made = [stopping.play(stages, CUTS[way](own, float(aim), 0.0)) for aim in AIMS]
            kept = np.array([one.kept for one in made], dtype=np.float64)
            yield p, way, kept, np.array([one.lost(stages.big) for one in made])


def mean(drawn: Sequence[Front]) -> Front:
    """Returns the mean over draws of the folds."""
    kept, lost = (np.mean([getattr(one, name) for one in drawn], axis=0) for name in ("kept", "lost"))
    return Front(kept, lost, drawn[0].big)


def cells(case: Case, questions: Sequence[Question], seed: int, draws: int) -> Iterator[Cell]:
    """Yields the case's cells: of one answer and of the panel in turn and at once, at the losses the note ended at."""
    plans = [Plan(recipe=one, task_from=case.task_from, deviations=0.0) for one in (Recipe(seed=seed), NOTE)]
    rows = {ANSWER: case.alone, TURNS: case.in_turn, ONCE: case.at_once}
    for size, ways in ((1, (ANSWER,)), (len(case.members), PANELS)):
        asked = [reordered(question, tuple(range(size))) for question in questions]
        ours, theirs = fronts(asked, plans, ways, draws)
        for way in ways:
            published = [found.groups() for cell in rows[way] or () if (found := _PUBLISHED.match(cell))]
            yield from _cells(way, ours[way], theirs[way], published, asked)


def _cells(
    way: str,
    ours: Sequence[Front],
    theirs: Sequence[Front],
    published: Sequence[tuple[str, ...]],
    questions: Sequence[Question],
) -> Iterator[Cell]:
    keys = np.unique([question.key for question in questions], return_inverse=True)[1]
    losses, once = np.array([float(loss) / 100 for _, loss in published]), np.ones(len(questions))
    own, other = mean(ours), mean(theirs)
    drawn = [own.at(losses, w) - other.at(losses, w) for w in curve.resamples(keys, DRAWS, seed=7)]
    shares = [100 * np.array([front.at(losses, once) for front in some]) for some in (ours, theirs)]
    spreads = [_spread(some) for some in shares]
    deviations = STUDENT[min(max(2 * len(ours) - 2, 1), len(STUDENT)) - 1]
    both = (spreads[0] ** 2 + spreads[1] ** 2) / 2  # one draw's, the same for both recipes
    moved = deviations * np.sqrt(both * (1 + 1 / len(ours)))  # a mean of draws beside one draw
    for i, (stated, _) in enumerate(published):
        at = [100 * float(front.at(losses, once)[i]) for front in (own, other)]
        more = 100 * np.array(drawn)[:, i]
        reached = [int((some[:, i] >= float(stated) - ROUNDED).sum()) for some in shares]
        deviation = (float(spreads[0][i]), float(spreads[1][i]))
        yield Cell(
            way=way,
            loss=float(losses[i]),
            own=at[0],
            other=at[1],
            deviations=deviation,
            more=more,
            stated=stated,
            moved=float(moved[i]),
            reached=(reached[0], reached[1]),
            draws=len(ours),
        )


def _spread(drawn: Sequence[Floats]) -> Floats:
    return np.std(drawn, axis=0, ddof=1) if len(drawn) > 1 else np.full(len(drawn[0]), np.nan)


def line(case: Case, cell: Cell) -> str:
    """Returns the cell's line of the table."""
    low, high = cell.interval
    beyond = f"{cell.beyond:+.1f}" if np.isnan(cell.moved) else f"{cell.beyond:+.1f} ± {cell.moved:.1f}"
    own, other = ("" if np.isnan(one) else f" ± {one:.1f}" for one in cell.deviations)
    return (
        f"| {case.name} | {cell.way} | {100 * cell.loss:.2f} | {cell.own:.1f}{own} | {cell.other:.1f}{other} | "
        f"{cell.own - cell.other:+.1f} ({low:+.1f} to {high:+.1f}) | {cell.stated} | {beyond} | "
        f"{cell.reached[0]} and {cell.reached[1]} of {cell.draws} |"
    )


def counted(found: Mapping[str, Sequence[Cell]]) -> Iterator[str]:
    """Yields, for one answer and for the panel, how many cells lie above, level and below, and their mean.

    Beside the recipe: whether the interval by question holds 0. Beside its figures: whether draws of the folds move so
    much. The mean's interval takes the sets for independent.
    """
    for name, ways in (("one answer", (ANSWER,)), ("the panel in sequence and at once", PANELS)):
        sets = [[cell for cell in own if cell.way in ways] for own in found.values()]
        every = [cell for own in sets for cell in own]
        drawn = sum(np.sum([cell.more for cell in own], axis=0) for own in sets) / len(every)
        low, high = np.quantile(drawn, (0.025, 0.975))
        beside = [(*cell.interval, cell.own - cell.other) for cell in every]
        yield f"{name}, {len(every)} cells, beside the recipe: {_verdict([one[:2] for one in beside])}; " + (
            f"mean {np.mean([one[2] for one in beside]):+.2f} ({low:+.2f} to {high:+.2f})"
        )
        moved = [(cell.beyond - cell.moved, cell.beyond + cell.moved) for cell in every]
        figures = np.array([cell.beyond for cell in every])
        yield (
            f"{name}, {len(every)} cells, beside its own figures: {_verdict(moved)}; mean {figures.mean():+.2f}, "
            f"{(figures >= 0.05).sum()} of them more and {(figures <= -0.05).sum()} less"
        )


def _verdict(intervals: Sequence[tuple[float, float]]) -> str:
    above, below = (sum(bool(f) for f in found) for found in zip(*[(a > 0, b < 0) for a, b in intervals], strict=True))
    return f"{above} above, {len(intervals) - above - below} level, {below} below"


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a Markdown table of the cases named, and the counts."""
    parser = argparse.ArgumentParser(prog="python -m bench.panel_note", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled files")
    beside = [name for name, case in CASES.items() if case.in_turn]
    parser.add_argument("--cases", default=",".join(beside), help="of: " + ", ".join(beside))
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--repeats", type=int, help="draws of the folds (default: twice the case's own)")
    args = parser.parse_args(arguments)
    print(*HEAD, sep="\n", flush=True)
    found: dict[str, list[Cell]] = {}
    for name in args.cases.split(","):
        case = CASES[name]
        questions = gather(labels.read([args.data / case.file]), case.members, case.big)
        print(case.name, file=sys.stderr)
        found[name] = []
        for cell in cells(case, questions, args.seed, args.repeats or 2 * case.repeats):
            found[name].append(cell)
            print(line(case, cell), flush=True)
    print("", *counted(found), sep="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
