"""`python -m bench.panel --data DIR`: what each stage keeps at home, out of fold and apart, beside published figures.

Reads labelled files (schema: docs/labelled-data.md) and prints Markdown tables; `--json FILE` writes the figures too.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.panel_cases import CASES, Case
from bench.panel_ways import CONTROLS, WAYS, WHICH, Made, Run, first, oracle, stages_of, ways
from classifier import labels, panel, verifier_train
from classifier.evaluate import LEVELS, Options
from classifier.panel_train import Plan
from classifier.questions import Question, gather
from classifier.stopping import Outcome

HEAD = (
    "| data | way | aimed at | share small % | loss % | harm % | local calls | cost saved % | safe cut: share (loss) % "
    "| the note's share (loss) % |",
    "|---|---|---|---|---|---|---|---|---|---|",
)


def out_of_fold(
    questions: Sequence[Question], run: Run, repeats: int, say: Callable[[str], None]
) -> tuple[list[Question], Made, Made]:
    """Returns the questions, each as often as folds were drawn, and what each way did, learned from other folds."""
    keys = {key: i for i, key in enumerate(sorted({question.key for question in questions}))}
    groups = np.array([keys[question.key] for question in questions], dtype=np.int64)
    order: list[Question] = []
    parts: list[tuple[Made, Made]] = []
    for repeat in range(repeats):
        fold = verifier_train.folds(groups, replace(run.plan.recipe, seed=run.plan.recipe.seed + 1 + repeat))
        for k in range(run.plan.recipe.folds):
            say(f"  draw {repeat + 1} of {repeats}, fold {k + 1}")
            unseen = [question for question, own in zip(questions, fold == k, strict=True) if own]
            learned = [question for question, own in zip(questions, fold == k, strict=True) if not own]
            parts.append(ways(learned, unseen, run))
            order.extend(unseen)
    return order, _joined([point for point, _ in parts]), _joined([safe for _, safe in parts])


def _joined(parts: Sequence[Made]) -> Made:
    return {way: {level: _one([part[way][level] for part in parts]) for level in LEVELS} for way in parts[0]}


def _one(parts: Sequence[Outcome]) -> Outcome:
    return Outcome(
        np.concatenate([part.kept for part in parts]),
        np.concatenate([part.grade for part in parts]),
        np.concatenate([part.calls for part in parts]),
    )


def measured(questions: Sequence[Question], made: tuple[Made, Made], run: Run) -> dict[str, Any]:
    """Returns the figures of each way and control at each level; `safe` has those of the safe cuts."""
    seen = panel.side(questions, stages_of(questions), run.options)
    point, safe = made
    found: dict[str, Any] = {
        way: {level: panel.figures_of(outcome, seen, run.options) for level, outcome in by.items()}
        for way, by in (point | {"oracle": oracle(questions, run)}).items()
    }
    everywhere = np.ones(len(questions), dtype=np.bool_)
    always = panel.figures_of(Outcome(everywhere, first(questions), np.ones(len(questions))), seen, run.options)
    found["always small"] = dict.fromkeys(LEVELS, always)
    top = next(way for way in reversed(WAYS[:3]) if way in found)
    found["random mix"] = {level: _random(found[top][level], always) for level in LEVELS}
    quick = replace(run.options, draws=1)
    found["safe"] = {
        way: {level: panel.figures_of(outcome, seen, quick) for level, outcome in by.items()}
        for way, by in safe.items()
    }
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
    for way in (*WAYS, WHICH, *CONTROLS):
        for place, level in enumerate(LEVELS):
            if way not in found or (way == "always small" and place):
                continue
            at, safe = found[way][level], found["safe"].get(way)
            loss, harm = _percent(at["loss_interval"], 2), _percent(at["harm_interval"])
            aimed = "" if way == "always small" else f"{float(level):.0%}"
            careful = (
                f"{100 * safe[level]['share_small']['value']:.1f} ({100 * safe[level]['loss']:.2f})" if safe else ""
            )
            yield (
                f"| {case.name} | {way} | {aimed} | {_percent(at['share_small'])} | {loss} | {harm} | "
                f"{at['local_calls']:.2f} | {100 * at['cost_saved']:.1f} | {careful} | "
                f"{case.published(way, place) if published else ''} |"
            )


BRIEF = (
    "| data | way | at 1 %: share (loss) % | at 2 % | at 5 % | harm % at 2 % | local calls | cost saved % "
    "| safe cut at 2 % | the note's at 1, 2, 5 % |",
    "|---|---|---|---|---|---|---|---|---|---|",
)


def brief(case: Case, found: dict[str, Any], *, published: bool) -> Iterator[str]:
    """Yields one line a way: share (loss) at each level; harm, calls and cost where the level is 2 %."""
    for way in (*WAYS, WHICH, *CONTROLS):
        if way not in found:
            continue
        cells = [_share(found[way][level]) for level in LEVELS]
        at, safe = found[way]["0.02"], found["safe"].get(way)
        notes = [case.published(way, place) for place in range(len(LEVELS))]
        yield (
            f"| {case.name} | {way} | {' | '.join(cells)} | {100 * at['harm']:.1f} | {at['local_calls']:.2f} | "
            f"{100 * at['cost_saved']:.1f} | {_share(safe['0.02']) if safe else ''} | "
            f"{', '.join(notes) if published and all(notes) else ''} |"
        )


def _share(at: dict[str, Any]) -> str:
    return f"{100 * at['share_small']['value']:.1f} ({100 * at['loss']:.2f})"


def _percent(interval: dict[str, float], digits: int = 1) -> str:
    value, low, high = (100 * interval[name] for name in ("value", "low", "high"))
    return f"{value:.{digits}f}" if low == high else f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures the cases named and prints their tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.panel", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(), help="folder with the labelled files")
    parser.add_argument("--read", type=Path, nargs="*", default=[], help="print what --json wrote, measure nothing")
    parser.add_argument("--cases", default=",".join(CASES), help="of: " + ", ".join(CASES))
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--repeats", type=int, help="draws of the folds (default: the case's own)")
    parser.add_argument("--only", choices=("folds", "apart"), help="one of the two tables")
    parser.add_argument("--json", type=Path, help="write the figures here")
    args = parser.parse_args(arguments)
    figures: dict[str, Any] = {}
    for path in args.read:
        figures |= json.loads(path.read_text())
    if not args.read:
        figures = {name: _case(CASES[name], args) for name in args.cases.split(",")}
    for title, head, lines in (("In brief", BRIEF, brief), ("With intervals", HEAD, table)):
        for kind in ("out of fold", "apart"):
            rows = [
                line
                for name, found in figures.items()
                if kind in found
                for line in lines(CASES[name], found[kind], published=kind == "out of fold")
            ]
            if rows:
                print(f"\n### {title}, {kind}\n", *head, *rows, sep="\n", flush=True)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1))
    return 0


def _case(case: Case, args: argparse.Namespace) -> dict[str, Any]:
    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    say(case.name)
    plan = Plan(recipe=verifier_train.Recipe(seed=args.seed), task_from=case.task_from, deviations=0.0)
    run = Run(plan, Options(seed=args.seed), len(case.members))
    questions = gather(labels.read([args.data / case.file]), (*case.members, *case.also), case.big)
    found: dict[str, Any] = {}
    if args.only != "apart":
        order, *made = out_of_fold(questions, run, args.repeats or case.repeats, say)
        found["out of fold"] = measured(order, (made[0], made[1]), run)
    if args.only != "folds":
        say("  train to dev")
        apart = [question for question in questions if question.label.split == "dev"]
        keys = {question.key for question in apart}
        learned = [q for q in questions if q.label.split == "train" and q.key not in keys]
        found["apart"] = measured(apart, ways(learned, apart, run), run)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
