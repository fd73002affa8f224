"""Plays the three tiny models as a panel over graded questions, the way the proxy does: `python -m bench.tiny.panel`.

Prints Markdown: the policy `balanced` with and without its panel, on questions that neither training nor cuts saw.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier.artifact import Classifier
from classifier.features import extract
from classifier.labels import Label, read
from classifier.task import task_path
from classifier.values import checkable
from classifier.verifier import Given, Verifier
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


def conferred(seen: Seen, keep_cut: float) -> Went:
    """Return what the panel does with a question: router/judges/verifier.py, answer by answer."""
    for asked, stage in enumerate(seen.stages, start=1):
        if stage.p_kept is not None and stage.p_kept >= keep_cut:
            if stage.clean:
                return Went(True, stage.grade, asked)
        elif stage.hopeless is not None and stage.hopeless < HOPELESS:
            return Went(False, 1.0, asked)
    return Went(False, 1.0, len(seen.stages))


def confers(seen: Seen) -> bool:
    """Return whether the policy has this question conferred about."""
    return seen.compared and seen.p_good >= CONFERS_FROM


def alone(seen: Seen, cut: float) -> Went:
    """Return what the policy does with a question that one model answers, or the big one."""
    if seen.p_good < cut:
        return Went(False, 1.0, 0)
    return Went(True, seen.grade, 1) if seen.fine else Went(False, 1.0, 1)


def keep_cut(seen: Sequence[Seen], max_loss: float) -> dict[str, float]:
    """Return the lowest p_kept at which the panel's answer may go out, and what that gives up on these questions.

    Of all observed values the one that keeps most questions with a loss of at most `max_loss`, over those questions
    alone that the panel is asked about. The big model is always right here, so that loss is the share of wrong answers.
    """
    own = [one for one in seen if confers(one)]
    tried = sorted({stage.p_kept for one in own for stage in one.stages if stage.p_kept is not None})
    best: dict[str, float] = {"keep_cut": 1.0, "max_loss": max_loss, "n": len(own), "share_small": 0.0, "loss": 0.0}
    for cut in tried[:: max(1, len(tried) // 400)]:
        went = [conferred(one, cut) for one in own]
        share = round(sum(one.small for one in went) / len(own), 4)
        loss = round(sum(1.0 - one.grade for one in went) / len(own), 4)
        if loss <= max_loss and share > best["share_small"]:
            best |= {"keep_cut": int(cut * 1_000_000) / 1_000_000, "share_small": share, "loss": loss}
    return best


def table() -> Iterator[str]:
    """Yield the policy with and without its panel, as lines of Markdown."""
    cuts = json.loads(CUTS.read_text())
    cut, kept_from = cuts[MEMBERS[0]]["cut"], cuts[" > ".join(MEMBERS)]["keep_cut"]
    yield "| questions | way | share small % | worse answers % | cost % of the big model's | local calls |"
    yield "|---|---|---|---|---|---|"
    for paper in ("test", "shifted"):
        seen = watch(paper)
        ways: Mapping[str, list[Went]] = {
            "one model, by the question": [alone(one, cut) for one in seen],
            "with the panel": [conferred(one, kept_from) if confers(one) else alone(one, cut) for one in seen],
        }
        for way, went in ways.items():
            yield f"| {paper} | {way} | {_figures(seen, went)} |"


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
