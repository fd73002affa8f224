"""`python -m bench.panel --data DIR`: what each stage keeps at home, out of fold and apart, beside published figures.

Reads labelled files (schema: docs/labelled-data.md) and prints Markdown tables; `--json FILE` writes the figures too.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from classifier import curve, labels, panel, panel_train, train, verifier_train
from classifier.evaluate import LEVELS, Options
from classifier.lessons import Floats
from classifier.panel_train import Plan
from classifier.questions import Question, gather
from classifier.stopping import Outcome, Stages

CONTROLS = ("always small", "length", "random mix")
WAYS = ("question only", "+ answer evidence", "+ panel in sequence", "+ panel at once")


@dataclass(frozen=True)
class Case:
    """A benchmark, its panel in asking order, and the note's cross-fitted shares (losses) at 1, 2, 5 %."""

    name: str
    file: str
    members: tuple[str, ...]
    big: str | None
    in_turn: tuple[str, str, str] | None
    at_once: tuple[str, str, str] | None


CASES = {
    "gsm8k": Case(
        "GSM8K, gpt-4o",
        "zeroeval_gsm.jsonl.gz",
        ("gemma-2-9b-it", "Meta-Llama-3.1-8B-Instruct", "Phi-3.5-mini-instruct"),
        None,
        ("91.3 (1.33)", "94.4 (1.66)", "98.9 (4.85)"),
        ("90.9 (1.11)", "94.3 (1.50)", "98.8 (4.69)"),
    ),
    "math": Case(
        "MATH level 5, gpt-4o",
        "zeroeval_math-l5.jsonl.gz",
        ("Qwen2.5-7B-Instruct", "Qwen2.5-3B-Instruct", "gemma-2-9b-it"),
        None,
        ("88.5 (2.64)", "92.3 (3.46)", "98.5 (4.57)"),
        ("84.0 (1.32)", "89.1 (3.25)", "97.8 (5.08)"),
    ),
    "bfcl": Case(
        "Tool calls (BFCL), Claude 3.5 Sonnet",
        "bfcl_v1.jsonl.gz",
        (
            "Salesforce_xLAM-1b-fc-r",
            "NousResearch_Hermes-2-Pro-Llama-3-8B",
            "meta-llama_Meta-Llama-3-8B-Instruct",
        ),
        None,
        ("85.9 (1.18)", "89.0 (1.75)", "97.1 (5.88)"),
        ("85.6 (1.14)", "88.9 (1.81)", "97.0 (5.51)"),
    ),
    "mmlu-gemini": Case(
        "MMLU-Pro, gemini-1.5-pro",
        "mmlu_pro.jsonl.gz",
        ("Meta-Llama-3.1-8B-Instruct", "Phi-3-mini-4k-instruct", "Mistral-7B-Instruct-v0.2"),
        "gemini-1.5-pro-002",
        ("18.0 (0.97)", "25.7 (2.11)", "37.8 (4.83)"),
        ("18.6 (1.00)", "25.4 (1.98)", "36.9 (4.84)"),
    ),
    "mmlu-70b": Case(
        "MMLU-Pro, Llama-3.1-70B",
        "mmlu_pro.jsonl.gz",
        ("Meta-Llama-3.1-8B-Instruct", "Phi-3-mini-4k-instruct", "Mistral-7B-Instruct-v0.2"),
        "Meta-Llama-3.1-70B-Instruct",
        ("16.3 (1.13)", "28.0 (2.06)", "45.0 (5.15)"),
        ("16.3 (1.13)", "27.1 (1.98)", "43.5 (4.75)"),
    ),
    "alpaca": Case(
        "AlpacaEval prose, gpt-4-1106",
        "alpaca_eval.jsonl.gz",
        ("FuseChat-Qwen-2.5-7B-Instruct", "FuseChat-Llama-3.2-3B-Instruct", "FuseChat-Llama-3.2-1B-Instruct"),
        None,
        None,
        None,
    ),
    "alpaca-1b": Case(
        "AlpacaEval prose, gpt-4-1106; the 1B alone",
        "alpaca_eval.jsonl.gz",
        ("FuseChat-Llama-3.2-1B-Instruct",),
        None,
        None,
        None,
    ),
}


@dataclass(frozen=True)
class Run:
    """How to measure: margin on the cuts in standard errors, seed, draws."""

    plan: Plan
    options: Options


Made = dict[str, dict[str, Outcome]]


def ways(learned: Sequence[Question], unseen: Sequence[Question], run: Run) -> Made:
    """Returns what each way does with the unseen questions at each level, its cuts fixed on the learned ones."""
    made: Made = {"question only": _question_only(learned, unseen, run), "length": _length(learned, unseen, run)}
    single = [panel.reordered(question, (0,)) for question in learned]
    alone = panel_train.learn(single, run.plan)
    best = alone.unseen([panel.reordered(question, (0,)) for question in unseen])
    made["+ answer evidence"] = {level: panel.sequence(alone, best, float(level))[0] for level in LEVELS}
    if len(learned[0].labels) > 1:
        whole = panel_train.learn(learned, run.plan)
        best = whole.unseen(unseen)
        made["+ panel in sequence"] = {level: panel.sequence(whole, best, float(level))[0] for level in LEVELS}
        made["+ panel at once"] = {level: panel.together(whole, best, float(level))[0] for level in LEVELS}
    return made


def _question_only(learned: Sequence[Question], unseen: Sequence[Question], run: Run) -> dict[str, Outcome]:
    """The first stage: asks the strongest model where the question alone says that it may."""
    rows = [_paired(question) for question in learned]
    made = train.train(rows, train.Settings(seed=run.plan.recipe.seed, task_from=run.plan.task_from))
    table = train.tabulate([_paired(question) for question in unseen], run.plan.task_from, made.classifier.salt)
    scorer = made.classifier.scorer
    places = [scorer.means.place(path, digest).total for path, digest in zip(table.paths, table.digests, strict=True)]
    return _cut(made.out_of_fold, np.array(places) + scorer.rests(table.xs), (learned, unseen), run)


def _length(learned: Sequence[Question], unseen: Sequence[Question], run: Run) -> dict[str, Outcome]:
    scores = [np.array([float(question.ask.chars) for question in part]) for part in (learned, unseen)]
    return _cut(scores[0], scores[1], (learned, unseen), run)


def _cut(
    before: Floats, score: Floats, parts: tuple[Sequence[Question], Sequence[Question]], run: Run
) -> dict[str, Outcome]:
    learned, unseen = parts
    own = panel.side(learned, _first(learned), run.options)
    grades = curve.Grades(own.stages.grade[0], own.stages.big, own.costs.small[0], own.costs.large, own.groups)
    ranking, found = curve.rank(before), {}
    for level in LEVELS:
        cut = curve.cut(ranking, grades, float(level), run.plan.deviations)
        kept = score <= cut
        found[level] = Outcome(kept, np.where(kept, _first(unseen).grade[0], 0.0), kept.astype(np.float64))
    return found


def _first(questions: Sequence[Question]) -> Stages:
    grade = np.array([[question.grades[0] for question in questions]])
    return Stages(np.zeros_like(grade), grade, np.array([question.big for question in questions]))


def _paired(question: Question) -> labels.Label:
    """The strongest model's row, against the big model of the case."""
    first, against = question.labels[0], question.label
    return replace(first, large_quality=against.large_quality, large_model=against.large_model)


def out_of_fold(questions: Sequence[Question], run: Run, say: Callable[[str], None]) -> tuple[Sequence[Question], Made]:
    """Returns all questions with what each way did to them, everything learned from the other folds."""
    keys = {key: i for i, key in enumerate(sorted({question.key for question in questions}))}
    groups = np.array([keys[question.key] for question in questions], dtype=np.int64)
    fold = verifier_train.folds(groups, replace(run.plan.recipe, seed=run.plan.recipe.seed + 1))
    order: list[Question] = []
    parts: list[Made] = []
    for k in range(run.plan.recipe.folds):
        say(f"  fold {k + 1}")
        unseen = [question for question, own in zip(questions, fold == k, strict=True) if own]
        parts.append(ways([q for q, own in zip(questions, fold == k, strict=True) if not own], unseen, run))
        order.extend(unseen)
    joined = {way: {level: _joined([part[way][level] for part in parts]) for level in LEVELS} for way in parts[0]}
    return order, joined


def _joined(parts: Sequence[Outcome]) -> Outcome:
    return Outcome(
        np.concatenate([part.kept for part in parts]),
        np.concatenate([part.grade for part in parts]),
        np.concatenate([part.calls for part in parts]),
    )


def measured(questions: Sequence[Question], made: Made, run: Run) -> dict[str, Any]:
    """Returns the figures of each way and control at each level."""
    seen = panel.side(questions, _first(questions), run.options)
    found: dict[str, Any] = {
        way: {level: panel.figures_of(outcome, seen, run.options) for level, outcome in by.items()}
        for way, by in made.items()
    }
    everywhere = np.ones(len(questions), dtype=np.bool_)
    always = panel.figures_of(
        Outcome(everywhere, _first(questions).grade[0], np.ones(len(questions))), seen, run.options
    )
    found["always small"] = dict.fromkeys(LEVELS, always)
    top = next(way for way in reversed(WAYS[:3]) if way in found)
    found["random mix"] = {level: _random(found[top][level], always) for level in LEVELS}
    return found


def _random(spent: dict[str, Any], always: dict[str, Any]) -> dict[str, Any]:
    """A coin that spends what the way above spent: the strongest model's figures times its share."""
    share = min(max(spent["cost_saved"] / max(always["cost_saved"], 1e-9), 0.0), 1.0)
    none = {"value": round(share, 4), "low": round(share, 4), "high": round(share, 4)}
    loss = {name: round(share * value, 4) for name, value in always["loss_interval"].items()}
    return {
        "share_small": none,
        "loss": loss["value"],
        "loss_interval": loss,
        "harm": round(share * always["harm"], 4),
        "harm_interval": {name: round(share * value, 4) for name, value in always["harm_interval"].items()},
        "cost_saved": spent["cost_saved"],
        "local_calls": round(share, 4),
    }


def table(case: Case, found: dict[str, Any], *, published: bool) -> Iterator[str]:
    """Yields the case's lines of the Markdown table."""
    for level in LEVELS:
        for way in (*WAYS, *CONTROLS):
            if way not in found:
                continue
            at = found[way][level]
            yield (
                f"| {case.name} | {float(level):.0%} | {way} | {_percent(at['share_small'])} | "
                f"{_percent(at['loss_interval'], 2)} | {_percent(at['harm_interval'])} | {at['local_calls']:.2f} | "
                f"{100 * at['cost_saved']:.1f} | {_published(case, way, level) if published else ''} |"
            )


def _published(case: Case, way: str, level: str) -> str:
    row = {"+ panel in sequence": case.in_turn, "+ panel at once": case.at_once}.get(way)
    return row[LEVELS.index(level)] if row else ""


def _percent(interval: dict[str, float], digits: int = 1) -> str:
    value, low, high = (100 * interval[name] for name in ("value", "low", "high"))
    return f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


HEAD = (
    "| data | aimed at | way | share small % | realised loss % | harm % | local calls | cost saved % | the note's |",
    "|---|---|---|---|---|---|---|---|---|",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures the cases named and prints their tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.panel", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled files")
    parser.add_argument("--cases", default=",".join(CASES), help="of: " + ", ".join(CASES))
    parser.add_argument("--margin", type=float, default=0.0, help="standard errors of margin on every cut")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", choices=("folds", "apart"), help="one of the two tables")
    parser.add_argument("--json", type=Path, help="write the figures here")
    args = parser.parse_args(arguments)
    recipe = verifier_train.Recipe(seed=args.seed)
    run = Run(Plan(recipe=recipe, task_from="category", deviations=args.margin), Options(seed=args.seed))
    figures: dict[str, Any] = {}
    for name in args.cases.split(","):
        figures[name] = _case(CASES[name], args, run)
        for kind, found in figures[name].items():
            print(f"\n### {CASES[name].name}: {kind}\n", *HEAD, sep="\n")
            print(*table(CASES[name], found, published=kind == "out of fold"), sep="\n", flush=True)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1))
    return 0


def _case(case: Case, args: argparse.Namespace, run: Run) -> dict[str, Any]:
    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    say(case.name)
    questions = gather(labels.read([args.data / case.file]), case.members, case.big)
    found: dict[str, Any] = {}
    if args.only != "apart":
        order, made = out_of_fold(questions, run, say)
        found["out of fold"] = measured(order, made, run)
    if args.only != "folds":
        say("  train to dev")
        apart = [question for question in questions if question.label.split == "dev"]
        keys = {question.key for question in apart}
        learned = [q for q in questions if q.label.split == "train" and q.key not in keys]
        found["apart"] = measured(apart, ways(learned, apart, run), run)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
