"""`smallfirst learn` for the second stage: a small answer checked, or a panel that confers."""

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from classifier.labels import Label
    from classifier.panel_train import Plan
    from classifier.questions import Question

Say = Callable[[str], None]


def misuse(args: argparse.Namespace) -> str | None:
    """Returns what is wrong with the flags, None when they go together."""
    if args.stage == "answer" and args.panel:
        return "--panel goes with --stage panel; name one model with --small"
    if args.stage == "panel" and not args.panel:
        return "--stage panel needs --panel A,B,C, the small models in asking order"
    if args.stage == "panel" and args.small:
        return "--small goes with --stage answer; name the panel's models with --panel"
    if args.action == "evaluate" and len(args.panel or ()) > 1:
        return "evaluate measures one panel; give --panel once"
    if any(len(panel) < 2 or "" in panel or len(panel) > 8 for panel in panels(args)):
        return "a panel has 2 to 8 models, with commas between them; one model is --stage answer"
    return None


def panels(args: argparse.Namespace) -> list[list[str]]:
    """Returns the panels named, each its models in asking order."""
    return [[name.strip() for name in panel.split(",")] for panel in args.panel or ()]


def evaluate(args: argparse.Namespace, say: Say) -> dict[str, Any]:
    """Returns CONTRACT's figures for the second stage, and for a panel of three or more the best asking order.

    Raises LabelError and TrainingError, which are ValueErrors, with the remedy in words.
    """
    from classifier import panel
    from classifier.evaluate import Options
    from classifier.questions import gather

    learned, measured = _rows(args, say)
    members = panels(args)[0] if args.panel else [_one(args, learned)]
    train, test = (gather(rows, members, args.big) for rows in (learned, measured))
    plan = _plan(args)
    found = panel.evaluate(train, test, plan, Options(seed=args.seed), say)
    if len(members) > 1:
        order = panel.propose(train, plan, args.max_loss, say)
        found["order"] = {"given": members, "proposed": [members[i] for i in order]}
    return found


def train(args: argparse.Namespace, say: Say) -> dict[str, Any]:
    """Trains a second stage on all panels named, saves it in `--out` and returns what was made.

    With `--test`, each panel's held-out figures go into its card.
    """
    from dataclasses import replace

    from classifier import panel, panel_train, verifier_artifact
    from classifier.evaluate import Options

    learned_rows, measured_rows = _rows(args, say)
    named = panels(args) or [[_one(args, learned_rows)]]
    plan = _plan(args)
    learned = panel_train.learn(_gathered(learned_rows, named, args.big), plan, say)
    metrics: dict[str, Any] = {}
    for members in named if measured_rows else ():
        own = [_gathered(rows, [members], args.big) for rows in (learned_rows, measured_rows)]
        metrics[" > ".join(members)] = panel.card_figures(own[0], own[1], plan, Options(seed=args.seed))
    manifest, trees = panel_train.finish(learned, say)
    manifest = replace(manifest, metrics=metrics)
    digest = verifier_artifact.save(args.out, manifest, trees)
    report = {"artifact": str(args.out), "digest": digest, "training": dict(manifest.training)}
    return report | ({"held_out": metrics} if metrics else {})


def _rows(args: argparse.Namespace, say: Say) -> tuple[list["Label"], list["Label"]]:
    from classifier import labels

    learned, measured, dropped = labels.divide(args.train, args.test or [])
    if dropped:
        say(f"{dropped} training rows left out: their questions are in the test files too")
    return learned, measured


def _gathered(rows: Sequence["Label"], named: Sequence[Sequence[str]], big: str | None) -> list["Question"]:
    from classifier.questions import gather_all

    return gather_all(rows, named, big)


def _one(args: argparse.Namespace, rows: Sequence["Label"]) -> str:
    from classifier.labels import LabelError
    from classifier.questions import small_models

    names = [args.small] if args.small else list(small_models(rows))
    if len(names) != 1:
        raise LabelError(f"the files hold {len(names)} small models ({', '.join(names)}); pick one with --small")
    return str(names[0])


def _plan(args: argparse.Namespace) -> "Plan":
    from classifier.panel_train import Plan
    from classifier.verifier_train import Recipe

    margin = {} if args.margin is None else {"deviations": args.margin}
    return Plan(recipe=Recipe(seed=args.seed), task_from=args.task_from, **margin)
