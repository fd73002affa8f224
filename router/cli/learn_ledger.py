"""`smallfirst learn … --from ledger`: the owner's own labelled traffic, read from the store without any body."""

import argparse
import asyncio
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from classifier.harvest import Graded, Harvest
    from classifier.hearings import Weighing
    from classifier.label import Label, Spending
    from classifier.questions import Question
    from router.config.records import Config

Say = Callable[[str], None]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Models:
    """What is known of upstreams by name: their models' names and digests as the configuration has them now."""

    names: Mapping[str, str]
    digests: Mapping[str, str]

    def of(self, upstream: str, answered: str | None) -> tuple[str, str]:
        """Name and digest of the model that `upstream` answered with; `answered`: what its row says, None for no row.

        Where the configuration has another model there now, the digest is of the name alone.
        """
        from classifier.digests import model_digest

        name = answered or self.names.get(upstream, upstream)
        known = name == self.names.get(upstream)
        return name, self.digests[upstream] if known and upstream in self.digests else model_digest(name)

    def digest(self, name: str) -> str:
        """The digest of what is called `name`: an upstream, or the model of one."""
        upstream = next((one for one, model in self.names.items() if name in (one, model)), "")
        return self.of(upstream, None)[1] if upstream else self.of(name, name)[1]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The labelled part of a ledger: rows to learn from, panels' answers, the models' names, and the salt of its
    hashes."""

    harvest: "Harvest"
    weighings: tuple["Weighing", ...]
    models: Models
    salt: bytes

    def sides(self, args: argparse.Namespace) -> tuple[list["Label"], list["Label"]]:
        """The training and the held-out rows of the models picked."""
        from classifier import labels

        pair = [self.models.names.get(name, name) for name in (args.small, args.big)]
        learned, measured = (labels.pick(rows, *pair) for rows in (self.harvest.learned, self.harvest.measured))
        return learned, measured

    def heard(self, rows: Sequence["Label"], members: Sequence[str]) -> list["Question"]:
        """The questions among `rows` that a panel was heard on; `members` are names of upstreams or of their models."""
        from classifier.hearings import hear

        return hear(rows, self.weighings, [self.models.digest(name) for name in members])


def keep_private(folder: Path) -> None:
    """Make the files that hold the store's salt readable by their owner only, like the salt itself."""
    for name in ("artifact.json", "verifier.json"):
        if (folder / name).exists():
            (folder / name).chmod(0o600)


def misuse(args: argparse.Namespace) -> str | None:
    """Returns what is wrong with the flags, None when they go together."""
    if args.origin is None:
        since = args.since or args.until
        if since:
            return "--since and --until go with --from ledger; files have no time"
        if not args.train:
            return "give --train FILE, or --from ledger"
        return "give --test FILE" if args.action == "evaluate" and not args.test else None
    if args.train or args.test:
        return "--from ledger holds out a fifth of its own conversations; leave --train and --test out"
    if args.task_from == "category":
        return "the ledger names no category; leave --task-from out, or say none"
    return None


def read(args: argparse.Namespace, say: Say) -> Ledger:
    """Returns what the labels in the ledger of `--config` teach.

    Raises SetupError where there is no ledger, HarvestError (a ValueError) where it holds too little.
    """
    from classifier.harvest import harvest
    from router.cli.report import now_us
    from router.config import load_config
    from router.config.discover import settled
    from router.pipeline.pause import pause_file
    from router.runtime.salt import salt_of
    from router.store.shelf import open_shelf

    config = load_config(args.config, asks=False)
    shelf = open_shelf(config.store.url, clock_us=now_us)
    try:
        period = _period(args, now_us())
        models = _models(asyncio.run(settled(config))[0])
        attempts = shelf.aggregate("learning.attempts", **period)
        found = harvest(_graded(shelf.aggregate("learning.labels", **period), attempts, models))
        weighed = () if args.stage == "question" else shelf.aggregate("learning.weighings", **period)
        weighings = tuple(_weighings(weighed, attempts, models))
    finally:
        shelf.close()
    salt = salt_of(pause_file(config.store.url, config.path.parent).with_suffix(".salt"))
    for line in _lines(found.account):
        say(line)
    return Ledger(found, weighings, models, salt)


def _period(args: argparse.Namespace, now_us: int) -> dict[str, int | None]:
    from router.reports.question import question

    if not args.since and not args.until:
        return {"since_us": None, "until_us": None}
    asked = question(args.since or "1970-01-02", args.until, None, now_us)
    return {"since_us": asked.since_us, "until_us": asked.until_us}


def _models(config: "Config") -> Models:
    from router.runtime.building import digests_of

    names = {name: spec.model for name, spec in config.upstreams.items()}
    return Models(names, digests_of(config.upstreams))


def _graded(labels: Sequence[Row], attempts: Sequence[Row], models: Models) -> Iterator["Graded"]:
    first: dict[tuple[str, str], Row] = {}
    for attempt in attempts:
        first.setdefault((attempt["exchange"], attempt["upstream"]), attempt)
    for row in labels:
        yield _one(row, first, models)


def _weighings(verdicts: Sequence[Row], attempts: Sequence[Row], models: Models) -> Iterator["Weighing"]:
    """What was heard, by whose answers; verdicts of an earlier release, which did not say, are passed over."""
    from classifier.hearings import Value, Weighing

    digests = {row["id"]: models.of(row["upstream"], row["model"])[1] for row in attempts}
    for row in verdicts:
        heard = row["heard"]
        if not heard or not all(attempt in digests for one in heard for attempt in one["by"]):
            continue
        evidence = [row["evidence"], *(one["evidence"] and b64decode(one["evidence"]) for one in heard[1:])]
        by = (tuple(digests[attempt] for attempt in one["by"]) for one in heard)
        values = tuple(map(Value, by, evidence))
        yield Weighing(row["exchange"], row["stage"], row["cut"], heard[0].get("names", ""), values)


def _one(row: Row, attempts: Mapping[tuple[str, str], Row], models: Models) -> "Graded":
    from classifier.harvest import Graded

    small = _whose(row)
    answered, compared = (attempts.get((row["exchange"], name)) for name in (small, row["baseline"]))
    name, digest = models.of(small, _model(answered))
    return Graded(
        exchange=row["exchange"],
        created_at=row["created_at"],
        conversation=row["conversation"],
        question=row["question"],
        features=row["features"],
        feature_set=row["feature_set"],
        path=tuple(row["task"]),
        who=row["who"],
        small=name,
        digest=digest,
        large=models.of(row["baseline"], _model(compared))[0],
        small_quality=row["small_quality"],
        large_quality=row["big_quality"],
        inclusion_p=row["inclusion_p"],
        trust=row["trust"],
        label_kind=row["label_kind"],
        spending=_spending(answered, compared),
    )


def _model(attempt: Row | None) -> str | None:
    return None if attempt is None else str(attempt["model"])


def _whose(row: Row) -> str:
    """The upstream whose answer the small grade is about."""
    served = row["upstream"] if row["upstream"] != row["baseline"] else ""
    return str(row["small"] or served or row["subject"])


def _spending(small: Row | None, large: Row | None) -> "Spending":
    """Tokens and dollars of both answers, as far as both were given; a cost only where both are known."""
    from classifier.label import Spending

    costs = [None if row is None or row["cost"] is None else row["cost"] / 1e9 for row in (small, large)]
    known = None not in costs
    return Spending(
        prompt_tokens=_tokens(large or small, "input", "cached", "cache_write"),
        small_tokens=_tokens(small, "output", "reasoning"),
        large_tokens=_tokens(large, "output", "reasoning"),
        small_cost=costs[0] if known else None,
        large_cost=costs[1] if known else None,
    )


def _tokens(row: Row | None, *buckets: str) -> int | None:
    counts = [] if row is None else [row[bucket] for bucket in buckets if row[bucket] is not None]
    return sum(counts) if counts else None


def _lines(account: Row) -> Iterator[str]:
    by = ", ".join(f"{who} {n}" for who, n in account["graded_by"].items())
    answers = f"{account['rows']} answers of {account['questions']} questions"
    yield f"{account['labels']} labels that may train; {answers}, graded by {by}"
    if account["other_features"]:
        yield f"{account['other_features']} left out: this release reads other features of a request"
    if account["other_kinds"]:
        yield f"{account['other_kinds']} left out: of another kind than {account['label_kind']}, the most frequent"
    if account["small_alone"]:
        yield f"{account['small_alone']} left out: they grade the small answer alone, as objections do where one failed"
    if account["also_held_out"]:
        yield f"{account['also_held_out']} not learned from: their questions stand in held-out conversations too"
    if account["capped"]:
        yield f"{account['capped']} answers stand for more than twenty; each is weighed as twenty"
