"""`smallfirst learn`: labelled files or the ledger in, an artifact and its honest figures out."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from router.cli import learn_ledger
from router.cli.options import Subparsers, add_config

if TYPE_CHECKING:
    from classifier.label import Label
    from classifier.train import Settings

DONE, WRONG, MISUSED = 0, 1, 2
WIDTH = 120


def register(subparsers: Subparsers) -> None:
    """Adds `learn` with `import`, `train` and `evaluate`."""
    learn = subparsers.add_parser("learn", help="train the classifier on labelled files or the ledger, and measure it")
    actions = learn.add_subparsers(dest="action", metavar="ACTION", required=True)
    _register_import(actions)
    _register_train(actions)
    _register_evaluate(actions)


def run_import(args: argparse.Namespace) -> int:
    """Checks a labelled file, writes it in the product's own schema when asked, says what it holds."""
    from classifier import labels
    from classifier.label import LabelError

    try:
        rows = labels.read(args.files)
        written = labels.write(rows, args.out) if args.out else 0
    except LabelError as wrong:
        return _wrong(str(wrong))
    pairs: dict[str, int] = {}
    for row in rows:
        name = f"{row.source}: {row.small_model} -> {row.large_model}"
        pairs[name] = pairs.get(name, 0) + 1
    report = {"rows": len(rows), "questions": len({row.key for row in rows}), "pairs": pairs, "written": written}
    _show(report, args.format)
    return DONE


def run_train(args: argparse.Namespace) -> int:
    """Trains an artifact on the files, or on the ledger, and saves it; figures of rows held out go into it."""
    if said := learn_ledger.misuse(args):
        return _misuse(said)
    if args.stage != "question":
        return _confer(args, "train")
    from classifier.evaluate import Options, evaluate
    from classifier.harvest import HarvestError
    from classifier.label import LabelError
    from classifier.train import TrainingError, train

    try:
        learned, measured, settings = _rows(args)
        trained = train(learned, settings, _progress)
        classifier = trained.classifier
        figures: dict[str, Any] = {}
        if measured:
            figures = evaluate(trained, measured, Options(), _progress)
            classifier = classifier.with_metrics(figures)
        if (args.out / "artifact.json").exists():
            _progress(f"{args.out}: the artifact that was there is written over")
        classifier.save(args.out)
        if args.origin is not None:
            learn_ledger.keep_private(args.out)
    except (LabelError, HarvestError, TrainingError) as wrong:
        return _wrong(str(wrong))
    except OSError as wrong:
        return _wrong(f"{args.out}: cannot be written ({wrong.strerror}); choose another --out")
    report = {"artifact": str(args.out), "digest": classifier.digest, "training": classifier.manifest.training}
    _trained(report | ({"held_out": figures} if figures else {}), args)
    return DONE


def run_evaluate(args: argparse.Namespace) -> int:
    """Trains a scratch artifact on `--train`, measures it on `--test`, prints CONTRACT's figures.

    Of the ledger both are parts.
    """
    if said := learn_ledger.misuse(args):
        return _misuse(said)
    if args.stage != "question":
        return _confer(args, "evaluate")
    if args.panel:
        return _misuse("--panel goes with --stage panel; use --small for one model")
    from classifier.evaluate import Options, evaluate
    from classifier.harvest import HarvestError
    from classifier.label import LabelError
    from classifier.train import TrainingError, train

    try:
        learned, measured, settings = _rows(args)
        trained = train(learned, settings, _progress)
        figures = evaluate(trained, measured, Options(seed=args.seed), _progress)
        if args.plot:
            args.plot.write_text(_plot(figures))
    except (LabelError, HarvestError, TrainingError) as wrong:
        return _wrong(str(wrong))
    except OSError as wrong:
        return _wrong(f"{args.plot}: cannot be written ({wrong.strerror}); choose another --plot")
    _show(figures, args.format)
    return DONE


def _confer(args: argparse.Namespace, action: str) -> int:
    """The second stage: one answer checked, or a panel."""
    from router.cli import learn_panel

    said = learn_panel.misuse(args)
    if said:
        return _misuse(said)
    try:
        report = learn_panel.train(args, _progress) if action == "train" else learn_panel.evaluate(args, _progress)
        if getattr(args, "plot", None):
            args.plot.write_text(_plot(report))
    except ValueError as wrong:
        return _wrong(str(wrong))
    except OSError as wrong:
        return _wrong(f"{wrong.filename}: cannot be written ({wrong.strerror}); choose another place")
    _show(report, args.format)
    return DONE


def _register_import(actions: Subparsers) -> None:
    parser = actions.add_parser("import", help="check labelled files, and write them in our own schema")
    parser.add_argument("files", nargs="+", metavar="FILE", type=Path, help="labelled rows, .jsonl or .jsonl.gz")
    parser.add_argument("--out", type=Path, help="write the rows here, .jsonl or .jsonl.gz")
    _formats(parser)
    add_config(parser)
    parser.set_defaults(run=run_import)


def _register_train(actions: Subparsers) -> None:
    parser = actions.add_parser("train", help="train an artifact on labelled files, or on the ledger")
    parser.add_argument("--train", nargs="+", metavar="FILE", type=Path, help="labelled rows to train on")
    parser.add_argument("--test", nargs="+", metavar="FILE", type=Path, help="measure on these, into the model card")
    parser.add_argument("--out", required=True, metavar="DIR", type=Path, help="the folder the artifact is written to")
    _choices(parser)
    parser.set_defaults(run=run_train)


def _register_evaluate(actions: Subparsers) -> None:
    parser = actions.add_parser("evaluate", help="train on some labelled questions, measure on others")
    parser.add_argument("--train", nargs="+", metavar="FILE", type=Path, help="labelled rows to train on")
    parser.add_argument("--test", nargs="+", metavar="FILE", type=Path, help="labelled rows to measure on")
    parser.add_argument("--max-loss", type=float, default=0.02, help="of a promise; certificates come later")
    parser.add_argument("--confidence", type=float, default=0.95, help="of a promise; certificates come later")
    parser.add_argument("--plot", metavar="OUT.svg", type=Path, help="draw the cost-quality curve")
    _choices(parser)
    parser.set_defaults(run=run_evaluate)


def _choices(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="origin", choices=("ledger",), help="the labels of your own traffic, in place of files"
    )
    parser.add_argument("--since", metavar="T", help="of the ledger: a span (24h, 7d) or a date (default: all)")
    parser.add_argument("--until", metavar="T", help="of the ledger: a date or a span back from now (default: now)")
    stages = "before asking (question, the default), one small answer checked, or a panel that confers"
    parser.add_argument("--stage", choices=("question", "answer", "panel"), default="question", help=stages)
    several = "small models in asking order, with --stage panel; `train` takes several panels"
    parser.add_argument("--panel", metavar="A,B,C", action="append", help=several)
    parser.add_argument("--margin", type=float, metavar="SE", help="standard errors of margin on a panel's cuts")
    parser.add_argument("--small", metavar="NAME", help="rows of this small model only")
    parser.add_argument("--big", metavar="NAME", help="rows of this big model only")
    tasks = "where a row's task comes from (default: request)"
    parser.add_argument("--task-from", choices=("request", "category", "none"), default="request", help=tasks)
    parser.add_argument(
        "--seed", type=int, default=7, help="of the folds and the trees (default: 7); same seed, same bytes"
    )
    _formats(parser)
    add_config(parser)


def _formats(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("table", "json"), default="table", help="how to print it (default: table)")


def _rows(args: argparse.Namespace) -> tuple[list["Label"], list["Label"], "Settings"]:
    """Returns the picked training and test rows and how to train; the dropped rows are told on stderr."""
    from classifier import labels
    from classifier.train import Settings

    if args.origin is not None:
        ledger = learn_ledger.read(args, _progress)
        learned, measured = ledger.sides(args)
        return learned, measured, Settings(seed=args.seed, task_from=args.task_from, salt=ledger.salt)
    learned, measured, dropped = labels.divide(args.train, args.test or [])
    if dropped:
        _progress(f"{dropped} training rows left out: their questions are in the test files too")
    learned, measured = (labels.pick(rows, args.small, args.big) for rows in (learned, measured))
    return learned, measured, Settings(seed=args.seed, task_from=args.task_from)


def _plot(figures: Mapping[str, Any]) -> str:
    from classifier.plot import svg

    ends = [(0.0, figures["small_quality"]), (1.0, figures["big_quality"])]
    controls = figures["controls"]
    lines = {
        "classifier": figures["curve"],
        "random mix": ends,
        "length": controls["length"]["curve"],
        "task mean": controls["task_mean"]["curve"],
        "oracle": controls["oracle"]["curve"],
    }
    return svg(lines, f"Quality against the big model's share, {figures['n']} held-out requests")


def _show(report: Mapping[str, Any], how: str) -> None:
    if how == "json":
        print(json.dumps(report))
        return
    if "at" in report and "controls" in report:
        from router.reports.held_out import page
        from router.reports.render import as_table

        print(as_table(page(report), WIDTH, colour=sys.stdout.isatty()), end="")
        return
    for name, value in _lines(report):
        print(f"{name:<44} {value}")


def _trained(report: Mapping[str, Any], args: argparse.Namespace) -> None:
    """Say what was made, the figures of rows held out as `evaluate` shows them, and how it comes into force."""
    held_out = report.get("held_out", {})
    if args.format == "json" or "controls" not in held_out:
        _show(report, args.format)
    else:
        _show({name: value for name, value in report.items() if name != "held_out"}, args.format)
        _show(held_out, args.format)
    if args.format != "json":
        cut = (
            "a `cut:` as above into the policy" if held_out else "a `cut:` into the policy (`learn evaluate` finds one)"
        )
        print(f"next: `classifier: {{artifact: {args.out}}}` into config.yaml, {cut}, then `smallfirst check`")


def _lines(report: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yields the report as (dotted name, value) lines; an interval takes one line."""
    for name, value in report.items():
        if isinstance(value, Mapping) and set(value) == {"value", "low", "high"}:
            yield above + name, f"{value['value']}  ({value['low']} to {value['high']})"
        elif isinstance(value, Mapping):
            yield from _lines(value, f"{above}{name}.")
        elif name != "curve":
            yield above + name, "-" if value is None else str(value)


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _wrong(message: str) -> int:
    print(message, file=sys.stderr)
    return WRONG


def _misuse(message: str) -> int:
    print(message, file=sys.stderr)
    return MISUSED
