"""What a cut keeps and loses on kinds of questions that no training row had: `python -m bench.unseen_kinds FILES`.

Each kind in turn is left out of training, with every question that it shares with the others; cuts are fixed on the
rest. `--named` leaves out each source in turn, where rows name it as their application. `--measure dev` measures the
kind's `dev` questions in place of its `train` ones. Files are those of docs/labelled-data.md; figures are printed.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from classifier import evaluate, labels, train
from classifier.evaluate import Options
from classifier.label import Label
from classifier.train import Settings

LEVELS = ("0.02", "0.05")
KINDS = {
    "tool calls": ("bfcl_v1",),
    "ten-option exams (MMLU-Pro, GPQA)": ("mmlu_pro", "llmrouter/gpqa"),
    "four-option exams (MMLU)": ("routellm_mmlu", "llmrouter/mmlu"),
    "common sense, ARC": (
        *("llmrouter/commonsense_qa", "llmrouter/arc_challenge", "llmrouter/openbook_qa"),
        "routerbench_arc_challenge",
    ),
    "word problems (GSM8K)": ("routellm_gsm8k", "zeroeval_gsm", "llmrouter/gsm8k"),
    "competition mathematics": ("zeroeval_math-l5", "llmrouter/math"),
    "code": ("routerbench_mbpp", "llmrouter/mbpp"),
    "open instructions": ("alpaca_eval",),
    "logic grids": ("llmrouter/agentverse-logicgrid",),
    "trivia": ("llmrouter/trivia_qa",),
}
OF = {source: kind for kind, sources in KINDS.items() for source in sources}


@dataclass(frozen=True)
class Kept:
    """Rows of a kind held out, and which of them a cut at each level keeps small."""

    rows: list[Label]
    kept: dict[str, evaluate.Floats]


def kind_of(row: Label, named: bool) -> str:
    """Return the kind of a row, or its source; a row of no kind in `KINDS` is of its source's own."""
    if named:
        return row.source
    return OF.get(f"{row.source}/{row.category}") or OF.get(row.source) or row.source


def held_out(learned: Sequence[Label], asked: Sequence[Label], settings: Settings) -> Kept:
    """Return what cuts fixed on the rows learned from keep of the others; they share no question."""
    inside, _ = labels.apart(learned, asked)
    made = train.train(inside, settings)
    table = train.tabulate(asked, settings.task_from, settings.salt)
    scores = made.classifier.scorer.gains(table.xs, table.paths, table.digests)
    graded = evaluate.grades(inside, made.table.groups, Options().prices)
    way = evaluate.contender(made.out_of_fold, scores, graded, Options())
    return Kept(list(asked), {level: (scores <= way.cuts[level]).astype(np.float64) for level in LEVELS})


def together(parts: Sequence[Kept]) -> Kept:
    """Return all kinds as one."""
    rows = [row for part in parts for row in part.rows]
    return Kept(rows, {level: np.concatenate([part.kept[level] for part in parts]) for level in LEVELS})


def line(name: str, found: Kept) -> str:
    """Return a row of the table: rows, then share small and relative loss at each level."""
    numbers = {key: i for i, key in enumerate(sorted({row.key for row in found.rows}))}
    groups = np.array([numbers[row.key] for row in found.rows], dtype=np.int64)
    seen = evaluate.grades(found.rows, groups, Options().prices)
    cells = []
    for level in LEVELS:
        told = evaluate.at(found.kept[level], seen, Options())
        cells.append(f"{percent(told['share_small'])}, loses {percent(told['loss_interval'])}")
    return f"| {name} | {len(found.rows):,} | {' | '.join(cells)} |"


def percent(figure: dict[str, float]) -> str:
    """Return a share in per cent with its interval."""
    return "{:.1f} % ({:.1f} to {:.1f})".format(*(100 * figure[name] for name in ("value", "low", "high")))


def table(learned: Sequence[Label], asked: Sequence[Label], settings: Settings) -> Iterator[str]:
    """Yield the lines of the table, kind by kind, and all of them together."""
    named = settings.task_from == "category"
    yield "| held out | rows | " + " | ".join(f"at {float(level):.0%}" for level in LEVELS) + " |"
    yield "|---|---|" + "---|" * len(LEVELS)
    parts = []
    for kind in sorted({kind_of(row, named) for row in asked}):
        rest = [row for row in learned if kind_of(row, named) != kind]
        parts.append(held_out(rest, [row for row in asked if kind_of(row, named) == kind], settings))
        yield line(kind, parts[-1])
    yield line("all, by rows", together(parts))


def main() -> int:
    """Print the table; 0 when it is printed."""
    parser = argparse.ArgumentParser(prog="python -m bench.unseen_kinds", description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--named", action="store_true")
    parser.add_argument("--measure", choices=("train", "dev"), default="train")
    parser.add_argument("--form-questions", type=int, default=Settings().form_questions, help="0: every form is known")
    args = parser.parse_args()
    learned, dev, _ = labels.divide(args.files, args.files)
    settings = replace(
        Settings(), task_from="category" if args.named else "request", form_questions=args.form_questions
    )
    for told in table(learned, learned if args.measure == "train" else dev, settings):
        print(told, flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
