"""How often the intervals of `learn evaluate` hold the truth where few losses were seen, beside a plain bootstrap's.

`python -m bench.losses_coverage` makes up graded questions of which a few are lost, measures them by the product's own
code, and counts how often the printed interval holds the true loss and harm, and how wide it is.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier import curve
from classifier.bounds import SHARE, interval
from classifier.curve import Grades
from classifier.outcome import Measured, measured

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """Questions of one kind: `n` of them, `rows` a question; a share `lost` of them is worse by a grade, by `part` of
    one where grades are graded, and a share `won` better; the large answers are right in a share `right` of the others;
    one question in five weighs `heavy` times as much."""

    name: str
    n: int
    lost: float
    won: float = 0.0
    right: float = 1.0
    rows: int = 1
    graded: bool = False
    heavy: float = 1.0

    @property
    def truth(self) -> dict[str, float]:
        """The true relative loss and harm."""
        harm = self.lost * (0.5 if self.graded else 1.0)
        big = self.lost + self.right * (1 - self.lost - self.won)
        return {"harm": harm, "loss": (harm - self.won) / big}

    def drawn(self, random: np.random.Generator) -> tuple[Grades, Floats]:
        """So many questions, and what was lost on each row."""
        kind = random.choice(3, self.n, p=(self.lost, self.won, 1 - self.lost - self.won))
        big = np.where(kind == 0, 1.0, np.where(kind == 1, 0.0, random.random(self.n) < self.right))
        size = random.random(self.n) if self.graded else np.ones(self.n)
        lost = np.where(kind == 0, size, np.where(kind == 1, -1.0, 0.0))
        weight = np.where(random.random(self.n) < 0.2, self.heavy, 1.0)
        big, lost, weight, groups = (np.repeat(x, self.rows) for x in (big, lost, weight, np.arange(self.n)))
        ones = np.ones(len(big))
        return Grades(big - lost, big, 0 * ones, ones, groups, weight), lost


CASES = (
    Case("right or wrong", 100, 0.02),
    Case("right or wrong", 100, 0.04),
    Case("right or wrong", 300, 0.015),
    Case("right or wrong, both ways", 200, 0.02, won=0.01, right=0.8),
    Case("graded", 100, 0.04, graded=True),
    Case("three rows a question", 100, 0.04, rows=3),
    Case("unequal weights", 200, 0.03, heavy=5.0),
    Case("right or wrong", 3000, 0.1, right=0.8),
)


def product(seen: Grades, lost: Floats) -> dict[str, tuple[float, float]]:
    """The intervals of loss and harm as `learn evaluate` prints them."""
    found = measured(Measured(np.ones(len(lost)), lost, 0 * lost), seen, 500, 7)
    return {name: (found[f"{name}_interval"]["low"], found[f"{name}_interval"]["high"]) for name in ("harm", "loss")}


def bootstrap(seen: Grades, lost: Floats) -> dict[str, tuple[float, float]]:
    """The same by a percentile bootstrap over questions, none narrower than nothing lost among so many allows."""
    w, draws, big = seen.w, list(curve.resamples(seen.groups, 500, 7)), seen.mean(seen.large)
    harm = [(d * w * np.maximum(lost, 0)).sum() / (d * w).sum() for d in draws]
    loss = [(d * w * lost).sum() / max((d * w * seen.large).sum(), 1e-12) for d in draws]
    figures = {"harm": (seen.mean(np.maximum(lost, 0)), harm, SHARE)}
    figures["loss"] = (seen.mean(lost) / big, loss, (min(0.0, 1 - 1 / big), 1 / big))
    found = {name: interval(*figure, seen.questions) for name, figure in figures.items()}
    return {name: (one["low"] or 0.0, one["high"] or 0.0) for name, one in found.items()}


def covered(
    case: Case, times: int, way: Callable[[Grades, Floats], dict[str, tuple[float, float]]], figure: str, seed: int = 1
) -> tuple[float, float, float]:
    """The share of so many sets whose interval held the truth, of those it lay above, and the mean width."""
    random, truth, held, above, width = np.random.default_rng(seed), case.truth[figure], 0, 0, 0.0
    for _ in range(times):
        low, high = way(*case.drawn(random))[figure]
        held += low - 1e-4 <= truth <= high + 1e-4
        above += truth > high + 1e-4
        width += (high - low) / times
    return held / times, above / times, width


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a line a case and figure."""
    parser = argparse.ArgumentParser(prog="python -m bench.losses_coverage", description=__doc__)
    parser.add_argument("--times", type=int, default=500, help="sets made up for each case (default: 500)")
    times = parser.parse_args(arguments).times
    print(
        "| grades | n | lost % | figure | held % | truth above % | width | bootstrap: held % | truth above % | width |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for case in CASES:
        for figure in ("harm", "loss"):
            cells = []
            for way in (product, bootstrap):
                held, above, width = covered(case, times, way, figure)
                cells.append(f"{100 * held:.1f} | {100 * above:.1f} | {width:.4f}")
            print(f"| {case.name} | {case.n} | {100 * case.lost:g} | {figure} | {' | '.join(cells)} |")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
