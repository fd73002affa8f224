"""`smallfirst learn` for the second stage: a small answer checked, or a panel that confers."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from classifier.label import Label
    from classifier.panel_train import Plan
    from classifier.questions import Question
    from router.cli.learn_ledger import Ledger

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

    source = _source(args, say)
    members = panels(args)[0] if args.panel else [_one(args, source.learned)]
    train, test = (source.questions(rows, members) for rows in (source.learned, source.measured))
    plan = _plan(args, source)
    found = panel.evaluate(train, test, plan, Options(seed=args.seed), say)
    if len(members) > 1 and not train[0].stages:
        order = panel.propose(train, plan, args.max_loss, say)
        found["order"] = {"given": members, "proposed": [members[i] for i in order]}
    return found


def train(args: argparse.Namespace, say: Say) -> dict[str, Any]:
    """Trains a second stage on all panels named, saves it in `--out` and returns what was made.

    With `--test`, each panel's held-out figures go into its card.
    """
    from classifier import panel, panel_train, verifier_artifact
    from classifier.evaluate import Options
    from router.cli.learn_ledger import keep_private

    source = _source(args, say)
    named = panels(args) or [[_one(args, source.learned)]]
    plan = _plan(args, source)
    questions = [source.questions(source.learned, members, bigs=True) for members in named]
    learned = panel_train.learn([question for its in questions for question in its], plan, say)
    metrics: dict[str, Any] = {}
    for members in named if source.measured else ():
        own = [source.questions(rows, members, bigs=True) for rows in (source.learned, source.measured)]
        metrics[" > ".join(members)] = panel.card_figures(own[0], own[1], plan, Options(seed=args.seed))
    manifest, trees = panel_train.finish(learned, say)
    manifest = replace(manifest, metrics=metrics)
    digest = verifier_artifact.save(args.out, manifest, trees)
    if source.ledger is not None:
        keep_private(args.out)
    report = {"artifact": str(args.out), "digest": digest, "training": dict(manifest.training)}
    return report | ({"held_out": metrics} if metrics else {})


@dataclass(frozen=True, slots=True)
class Source:
    """Labelled rows of both sides, of files, or of a ledger that knows what panels said."""

    learned: Sequence["Label"]
    measured: Sequence["Label"]
    big: str | None
    ledger: "Ledger | None" = None

    def questions(self, rows: Sequence["Label"], members: Sequence[str], *, bigs: bool = False) -> list["Question"]:
        """The questions among `rows` that a panel answered, with `bigs` against every big model of a file.

        Raises LabelError or HarvestError where there is none.
        """
        from classifier.questions import gather, gather_all

        if self.ledger is not None:
            return self.ledger.heard(rows, members)
        return gather_all(rows, [members], self.big) if bigs else gather(rows, members, self.big)


def _source(args: argparse.Namespace, say: Say) -> Source:
    from classifier import labels
    from router.cli import learn_ledger

    if args.origin is not None:
        ledger = learn_ledger.read(args, say)
        return Source(*ledger.sides(args), args.big, ledger)
    learned, measured, dropped = labels.divide(args.train, args.test or [])
    if dropped:
        say(f"{dropped} training rows left out: their questions are in the test files too")
    return Source(learned, measured, args.big)


def _one(args: argparse.Namespace, rows: Sequence["Label"]) -> str:
    from classifier.label import LabelError
    from classifier.questions import small_models

    names = [args.small] if args.small else list(small_models(rows))
    if len(names) != 1:
        raise LabelError(f"the rows are of {len(names)} small models ({', '.join(names)}); pick one with --small")
    return str(names[0])


def _plan(args: argparse.Namespace, source: Source) -> "Plan":
    from classifier.panel_train import Plan
    from classifier.verifier_train import Recipe

    plan = Plan(recipe=Recipe(seed=args.seed), task_from=args.task_from)
    if args.margin is not None:
        plan = replace(plan, deviations=args.margin)
    return plan if source.ledger is None else replace(plan, salt=source.ledger.salt)
