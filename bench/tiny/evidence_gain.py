"""`python -m bench.tiny.evidence_gain`: what log-probabilities and samples add to votes alone, in the built-in world.

Prints Markdown. Each row learns from the graded `train` questions, fixes its cuts there, and is measured on others;
differences are of the same questions, with 95 % intervals.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bench.tiny.grade import GRADED
from bench.tiny.panel import MEMBERS
from bench.tiny.samples import MODEL, SAMPLES, name_of
from classifier import panel, panel_train
from classifier.evaluate import LEVELS
from classifier.evidence import KNOWN
from classifier.labels import read
from classifier.panel_train import Plan
from classifier.questions import Question, gather
from classifier.stopping import Outcome
from classifier.verifier_train import Recipe

DRAWS, SEED = 1_000, 7
VOTES = tuple(name for name in KNOWN if "logprob" not in name)


@dataclass(frozen=True)
class Row:
    """One line of the table: who is asked, what is read of the answers, and the line that it is compared with."""

    name: str
    members: tuple[str, ...]
    columns: tuple[str, ...]
    against: str | None = None


SAMPLED = tuple(name_of(sample) for sample in range(1, SAMPLES + 1))
ROWS = (
    Row("one answer", (MODEL,), VOTES),
    Row("one answer, log-probabilities", (MODEL,), KNOWN, "one answer"),
    Row("three samples of it, votes", SAMPLED, VOTES, "one answer"),
    Row("three samples of it, votes and log-probabilities", SAMPLED, KNOWN, "one answer, log-probabilities"),
    Row("three models, votes", (MODEL, *(name for name in MEMBERS if name != MODEL)), VOTES, "one answer"),
    Row(
        "three models, votes and log-probabilities",
        (MODEL, *(name for name in MEMBERS if name != MODEL)),
        KNOWN,
        "three models, votes",
    ),
)


def questions(paper: str, members: Sequence[str]) -> list[Question]:
    """Returns the questions of a paper that were sampled, as these members answered them."""
    sampled = read([GRADED / f"{paper}-samples.jsonl.gz"])
    wanted = {row.prompt_id for row in sampled}
    once = [row for row in read([GRADED / f"{paper}.jsonl.gz"]) if row.prompt_id in wanted]
    return sorted(gather([*once, *sampled], members, None), key=lambda question: question.label.prompt_id)


def played(row: Row, papers: Sequence[str]) -> dict[str, dict[str, Outcome]]:
    """Returns what the row keeps of each paper at each level, its cuts fixed on `train` without margin."""
    plan = Plan(recipe=Recipe(columns=row.columns), task_from="request", deviations=0.0)
    learned = panel_train.learn(questions("train", row.members), plan)
    found = {}
    for paper in papers:
        best = learned.unseen(questions(paper, row.members))
        found[paper] = {level: panel.sequence(learned, best, float(level))[0] for level in LEVELS}
    return found


def table(papers: Sequence[str] = ("test", "shifted")) -> Iterator[str]:
    """Yields the lines of the table, in percent of all questions; the big model is always right here."""
    yield "| questions | read | aimed at | share small | loss | local calls | share more than | |"
    yield "|---|---|---|---|---|---|---|---|"
    made: dict[str, dict[str, dict[str, Outcome]]] = {}
    for row in ROWS:
        print(f"  {row.name}", file=sys.stderr, flush=True)
        made[row.name] = played(row, papers)
    for paper in papers:
        for row in ROWS:
            for level in LEVELS:
                own = made[row.name][paper][level]
                other = made[row.against][paper][level] if row.against else None
                yield f"| {paper} | {row.name} | {float(level):.0%} | {_line(own, other)} | {row.against or ''} |"


def _line(own: Outcome, other: Outcome | None) -> str:
    kept, lost = own.kept.astype(float), own.lost(np.ones(len(own.kept)))
    more = _interval(kept - other.kept.astype(float)) if other is not None else ""
    return f"{_interval(kept)} | {_interval(lost)} | {own.calls.mean():.2f} | {more}"


def _interval(values: np.ndarray) -> str:
    draw = np.random.default_rng(SEED).integers(0, len(values), (DRAWS, len(values)))
    low, high = np.quantile(values[draw].mean(axis=1), (0.025, 0.975))
    return f"{100 * values.mean():.1f} ({100 * low:.1f} to {100 * high:.1f})"


if __name__ == "__main__":
    print("\n".join(table()))
