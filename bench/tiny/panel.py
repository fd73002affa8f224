"""Plays the three tiny models as a panel over graded questions, the way the proxy does: `python -m bench.tiny.panel`.

Prints Markdown: the policy `balanced` with and without its panel, on questions that neither training nor cuts saw;
the panel with the cut of each stage that training found, and with one cut at all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier.artifact import Classifier
from classifier.features import extract
from classifier.label import Label
from classifier.labels import read
from classifier.task import task_path
from classifier.values import checkable
from classifier.verifier import Given, Verifier
from classifier.verifier_artifact import Stop
from router import judges
from router.config.world import TINY
from router.core.exchange import ACCEPT
from router.core.ports import Answer
from router.judges.verifier import HOPELESS

ARTIFACT, PANEL = Path("router/builtin/artifact"), Path("router/builtin/panel")
GRADED, CUTS = Path("bench/tiny/graded"), Path("router/builtin/cuts.json")
MEMBERS = tuple(TINY.values())
ALONE = ("structure", "refusal", "loops")
CONFERS_FROM = 0.2
"""`let-them-confer` of policies/balanced.yaml: the least p_good with which a panel is asked."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The panel after some answers: what the best is worth, whether it may go out, its grade."""

    p_kept: float | None
    hopeless: float | None
    clean: bool
    grade: float


@dataclass(frozen=True, slots=True)
class Seen:
    """One question as the policy sees it. `grade` and `fine` are of the first model alone, `cost` the big answer's."""

    p_good: float
    compared: bool
    stages: tuple[Stage, ...]
    grade: float
    fine: bool
    cost: float


@dataclass(frozen=True, slots=True)
class Went:
    """Where a question went: kept small or not, with which grade, after how many local calls."""

    small: bool
    grade: float
    calls: int


def watch(paper: str) -> list[Seen]:
    """Return what classifier, judges and second stage say of every question of one paper."""
    classifier, verifier = Classifier.load(ARTIFACT), Verifier.load(PANEL)
    by_question: dict[str, dict[str, Label]] = {}
    for row in read([GRADED / f"{paper}.jsonl.gz"]):
        by_question.setdefault(row.prompt_id, {})[row.small_model] = row
    return [_seen([rows[name] for name in MEMBERS], classifier, verifier) for rows in by_question.values()]


def conferred(seen: Seen, stop: Stop) -> Went:
    """Return what the panel does with a question: router/judges/verifier.py, answer by answer."""
    for asked, (stage, cut) in enumerate(zip(seen.stages, stop.keep, strict=True), start=1):
        if cut is not None and stage.p_kept is not None and stage.p_kept >= cut:
            if stage.clean:
                return Went(True, stage.grade, asked)
        elif stage.hopeless is not None and stage.hopeless < stop.hopeless:
            return Went(False, 1.0, asked)
    return Went(False, 1.0, len(seen.stages))


def learnt(strictness: str) -> Stop:
    """Return when the panel stops at a strictness, as its second stage was trained to. Raises KeyError for another."""
    digests = [row.small_digest for row in _first(read([GRADED / "cut.jsonl.gz"]))]
    stop = Verifier.load(PANEL).stop(digests, strictness)
    if stop is None:
        raise KeyError(f"{PANEL} knows no cuts for {' > '.join(MEMBERS)} at {strictness}")
    return stop


def at_every_stage(cut: float) -> Stop:
    """Return one cut for all stages."""
    return Stop((cut,) * len(MEMBERS), HOPELESS)


def confers(seen: Seen) -> bool:
    """Return whether the policy has this question conferred about."""
    return seen.compared and seen.p_good >= CONFERS_FROM


def alone(seen: Seen, cut: float) -> Went:
    """Return what the policy does with a question that one model answers, or the big one."""
    if seen.p_good < cut:
        return Went(False, 1.0, 0)
    return Went(True, seen.grade, 1) if seen.fine else Went(False, 1.0, 1)


def cost_of(seen: Sequence[Seen], stop: Stop) -> dict[str, float]:
    """Return what these cuts keep and give up of the questions that the panel is asked about.

    The big model is always right here, so that the loss is the share of wrong answers.
    """
    went = [conferred(one, stop) for one in seen if confers(one)]
    share = round(sum(one.small for one in went) / len(went), 4)
    loss = round(sum(1.0 - one.grade for one in went) / len(went), 4)
    return {"n": len(went), "share_small": share, "loss": loss}


def one_cut(seen: Sequence[Seen], max_loss: float) -> float:
    """Return the one p_kept, for every stage, that keeps most of these questions with a loss of at most `max_loss`."""
    tried = sorted({stage.p_kept for one in seen for stage in one.stages if stage.p_kept is not None and confers(one)})
    best, most = 1.0, 0.0
    for cut in tried[:: max(1, len(tried) // 400)]:
        found = cost_of(seen, at_every_stage(cut))
        if found["loss"] <= max_loss and found["share_small"] > most:
            best, most = cut, found["share_small"]
    return best


def table() -> Iterator[str]:
    """Yield the policy with and without its panel, as lines of Markdown."""
    cuts = json.loads(CUTS.read_text())
    cut, stages = cuts[MEMBERS[0]]["cut"], learnt(f"{cuts[' > '.join(MEMBERS)]['strictness']:g}")
    flat = at_every_stage(one_cut(watch("cut"), 0.02))
    yield "| questions | way | share small % | worse answers % | cost % of the big model's | local calls |"
    yield "|---|---|---|---|---|---|"
    for paper in ("test", "shifted"):
        seen = watch(paper)
        ways: Mapping[str, list[Went]] = {
            "one model, by the question": [alone(one, cut) for one in seen],
            "panel, one cut": [conferred(one, flat) if confers(one) else alone(one, cut) for one in seen],
            "panel, a cut a stage": [conferred(one, stages) if confers(one) else alone(one, cut) for one in seen],
        }
        for way, went in ways.items():
            yield f"| {paper} | {way} | {_figures(seen, went)} |"


def _first(rows: Sequence[Label]) -> list[Label]:
    """The rows of the first question, in asking order."""
    own = {row.small_model: row for row in rows if row.prompt_id == rows[0].prompt_id}
    return [own[name] for name in MEMBERS]


def _figures(seen: Sequence[Seen], went: Sequence[Went]) -> str:
    small = np.array([one.small for one in went], dtype=float)
    worse = np.array([1.0 - one.grade for one in went])
    cost = np.array([one.cost for one in seen])
    spent = float((cost * (1 - small)).sum() / cost.sum())
    calls = sum(one.calls for one in went) / len(went)
    return f"{_percent(small)} | {_percent(worse)} | {100 * spent:.1f} | {calls:.2f}"


def _percent(values: np.ndarray) -> str:
    error = 1.96 * float(values.std()) / len(values) ** 0.5
    mean = float(values.mean())
    return f"{100 * mean:.1f} ({100 * (mean - error):.1f} to {100 * (mean + error):.1f})"


def _seen(rows: Sequence[Label], classifier: Classifier, verifier: Verifier) -> Seen:
    body, first = rows[0].body, rows[0]
    path = task_path(body, classifier.salt)
    given = [_given(row) for row in rows]
    spent = first.spending
    return Seen(
        p_good=classifier.p_good(extract(body), path, first.small_digest),
        compared=checkable(body),
        stages=tuple(_stage(verifier, rows, given[:n]) for n in range(1, len(rows) + 1)),
        grade=first.small_quality,
        fine=_clean(given[0]),
        cost=2.5 * (spent.prompt_tokens or 0) + 10 * (spent.large_tokens or 0),
    )


def _stage(verifier: Verifier, rows: Sequence[Label], given: Sequence[Given]) -> Stage:
    members = [row.small_digest for row in rows]
    weighed = verifier.weigh(rows[0].body, given, members=members)
    best = weighed.best
    return Stage(weighed.p_kept, weighed.hopeless, _clean(given[best]), rows[best].small_quality)


def _clean(given: Given) -> bool:
    return given.flags["clean"] > 0 and not given.flags["refused"] and not given.flags["looped"]


def _given(row: Label) -> Given:
    """An answer as the judges hand it on."""
    written = row.answer
    message = written.message or {"role": "assistant", "content": written.text or ""}
    answer = Answer(message, written.finish_reason)
    found = judges.build(ALONE)
    fine = [found[name].judge(row.body, answer, ()).action == ACCEPT for name in ALONE]
    flags = {"clean": float(fine[0]), "refused": float(not fine[1]), "looped": float(not fine[2])}
    logprobs = _like(written.mean_logprob, written.min_logprob)
    return Given(
        row.small_model, row.small_digest, message, written.finish_reason, row.spending.small_tokens, logprobs, flags
    )


def _like(mean: float | None, least: float | None) -> tuple[float, ...] | None:
    """Log-probabilities of the mean and the least that the row states; the row says no more of them."""
    if mean is None or least is None:
        return None
    others = max(1, round(least / mean) if mean else 1)
    return (least, *[(mean * (others + 1) - least) / others] * others)


if __name__ == "__main__":
    print("\n".join(table()))
