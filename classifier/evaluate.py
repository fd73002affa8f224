"""How good a classifier is on rows it never saw, compared with controls that anyone could use instead."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier import curve, means
from classifier.ask import last_ask
from classifier.bounds import SHARE, interval, rounded
from classifier.calibration import Calibration
from classifier.curve import Grades, Ranking
from classifier.features import FEATURES
from classifier.label import Label
from classifier.means import Smoothing
from classifier.outcome import MEANS, Measured, measured
from classifier.task import named_path
from classifier.train import Table, Trained, tabulate, weights_of

Floats = NDArray[np.float64]

LEVELS = ("0.01", "0.02", "0.05")


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars a million tokens, for rows that do not state their cost; `assumed_tokens` where no row has a count."""

    small_input: float = 0.05
    small_output: float = 0.05
    large_input: float = 2.50
    large_output: float = 10.0
    assumed_tokens: int = 256


@dataclass(frozen=True, slots=True)
class Options:
    """How to measure. `deviations`: standard errors of margin when a cut is fixed on the train rows (1.645: 95 %)."""

    draws: int = 500
    seed: int = 7
    deviations: float = 1.645
    prices: Prices = Prices()


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to rank requests: raw scores of the test rows, and its cut on them at each level of loss."""

    score: Floats
    cuts: Mapping[str, float]


def evaluate(
    trained: Trained, test: Sequence[Label], options: Options, say: Callable[[str], None] = lambda line: None
) -> dict[str, Any]:
    """Returns the figures of CONTRACT's `learn evaluate`, question stage, as plain JSON data.

    Cuts are fixed on the train rows' out-of-fold scores and measured on the test rows; intervals are 95 % bootstrap
    intervals over questions, none narrower than so many questions allow. `promise` is absent until certificates exist.
    """
    say(f"measuring on {len(test)} rows")
    settings = trained.classifier.manifest.training["settings"]
    table = tabulate(test, settings["task_from"], trained.classifier.salt)
    learned = grades(trained.table.labels, trained.table.groups, options.prices)
    seen = grades(table.labels, table.groups, options.prices)
    scorer = trained.classifier.scorer
    score = scorer.gains(table.xs, table.paths, table.digests)
    ours = contender(trained.out_of_fold, score, learned, options)
    pairs = zip(score.tolist(), table.digests, strict=True)
    chances = np.array([scorer.calibration.p_good(gain, digest) for gain, digest in pairs])
    main = figures(ours, seen, options)
    main["ece"] = rounded(curve.calibration_error(chances, table.good, seen.weight))
    for level, found in main["at"].items():
        found["p_good"] = _chances_at(ours.cuts[level], table, scorer.calibration)
    say("measuring the controls")
    return {
        "stage": "question",
        "n": len(test),
        "questions": len(np.unique(table.groups)),
        "effective_questions": round(seen.questions, 1),
        "small_quality": rounded(seen.mean(seen.small)),
        "big_quality": rounded(seen.mean(seen.large)),
        **main,
        "controls": controls(main, Sided(trained.table.labels, learned), Sided(table.labels, seen), options),
        "task_from": settings["task_from"],
        "train": {"n": len(trained.table.labels), "questions": len(np.unique(trained.table.groups))},
        "method": _method(table.labels, options),
    }


def _chances_at(cut: float, table: Table, calibration: Calibration) -> dict[str, float | None]:
    """Returns what a cut on the raw score is in `p_good`, by small model: what a `cut:` by hand would be; None for one
    that keeps nothing."""
    models = {label.small_model: label.small_digest for label in table.labels}
    known = cut != float("-inf")
    return {name: rounded(calibration.p_good(cut, models[name])) if known else None for name in sorted(models)}


def grades(labels: Sequence[Label], groups: NDArray[np.int64], prices: Prices) -> Grades:
    """Returns grades and dollars of labelled rows; a count no row states is the mean of those that do."""
    small = answer_tokens([row.spending.small_tokens for row in labels], prices)
    large = answer_tokens([row.spending.large_tokens for row in labels], prices)
    asked = answer_tokens([row.spending.prompt_tokens for row in labels], prices)
    small_cost = (asked * prices.small_input + small * prices.small_output) / 1e6
    large_cost = (asked * prices.large_input + large * prices.large_output) / 1e6
    for i, row in enumerate(labels):
        if row.spending.small_cost is not None and row.spending.large_cost is not None:
            small_cost[i], large_cost[i] = row.spending.small_cost, row.spending.large_cost
    return Grades(
        small=np.array([row.small_quality for row in labels]),
        large=np.array([row.large_quality for row in labels]),
        small_cost=small_cost,
        large_cost=large_cost,
        groups=groups,
        weight=weights_of([row.drawn for row in labels]),
    )


def answer_tokens(counts: list[int | None], prices: Prices) -> Floats:
    """Returns token counts; one that no row states is the mean of those that do."""
    known = [count for count in counts if count is not None]
    usual = float(np.mean(known)) if known else float(prices.assumed_tokens)
    return np.array([usual if count is None else float(count) for count in counts])


def contender(train_score: Floats, score: Floats, learned: Grades, options: Options) -> Contender:
    """Returns a way to rank whose cuts are fixed on the train rows' scores."""
    ranking = curve.rank(train_score)
    cuts = {level: curve.cut(ranking, learned, float(level), options.deviations) for level in LEVELS}
    return Contender(score, cuts)


def figures(way: Contender, seen: Grades, options: Options) -> dict[str, Any]:
    """Returns the figures of a way to rank, as plain JSON data."""
    ranking = curve.rank(way.score)
    value, share, quality = curve.gap_recovered(ranking, seen, seen.w)
    cpt50, cpt80 = (curve.needed(share, quality, seen, part) for part in (0.5, 0.8))
    cuts = way.cuts
    kept = {level: (way.score <= cuts[level]).astype(np.float64) for level in LEVELS}
    none = {level: cuts[level] == float("-inf") for level in LEVELS}
    return {
        "apgr": _gap_interval(value, ranking, seen, options),
        "cpt50": rounded(cpt50),
        "cpt80": rounded(cpt80),
        "auroc_gain": rounded(curve.auroc(way.score, seen.gain > 0, seen.weight)),
        "auroc_small_bad": rounded(curve.auroc(way.score, seen.small < 0.5, seen.weight)),
        "ece": None,
        "at": {level: at(kept[level], seen, options, none[level]) | {"cut": rounded(cuts[level])} for level in LEVELS},
        "hindsight": {level: rounded(curve.hindsight(ranking, seen, float(level))) for level in LEVELS},
        "curve": [(round(x, 4), round(y, 4)) for x, y in zip(share.tolist(), quality.tolist(), strict=True)],
    }


def at(kept: Floats, seen: Grades, options: Options, fixed: bool = False) -> dict[str, Any]:
    """Returns what follows when the small model answers with chance `kept` (n,), the large one otherwise.

    `fixed`: the share is so whatever is asked, as a coin's is.
    """
    way = Measured(kept, kept * seen.gain, kept * (seen.large_cost - seen.small_cost), fixed)
    return measured(way, seen, options.draws, options.seed) | {"local_calls": rounded(seen.mean(kept))}


@dataclass(frozen=True, slots=True)
class Sided:
    """Rows of one side, training or test, and their grades."""

    labels: Sequence[Label]
    grades: Grades


def controls(main: Mapping[str, Any], train: Sided, test: Sided, options: Options) -> dict[str, Any]:
    """Returns what anyone could do instead, on the same rows and with cuts fixed on the same train rows."""
    seen = test.grades
    lengths = (_lengths(train.labels), _lengths(test.labels))
    tasks = _task_means(train, test)
    truth = curve.rank(seen.gain)
    best = {level: curve.cut(truth, seen, float(level), 0.0) for level in LEVELS}
    return {
        "always_small": _constant(1.0, seen, options),
        "always_big": _constant(0.0, seen, options),
        "random_mix": _random_mix(main, seen, options),
        "length": figures(contender(*lengths, train.grades, options), seen, options),
        "task_mean": figures(contender(*tasks, train.grades, options), seen, options),
        "oracle": figures(Contender(seen.gain, best), seen, options),
    }


def _lengths(labels: Sequence[Label]) -> Floats:
    """How long each ask is, or for a row without a body a number that grows with it."""
    place = FEATURES.index("ask_chars")
    asks = (float(len(last_ask(row.body))) if row.known is None else float(row.known.features[place]) for row in labels)
    return np.array(list(asks))


def _task_means(train: Sided, test: Sided) -> tuple[Floats, Floats]:
    """Returns out-of-fold and test scores of the smoothed mean gain of each row's source and category alone."""
    rows = [*train.labels, *test.labels]
    smoothing = Smoothing()
    codes = means.number([named_path(r.source, r.category, b"") for r in rows], [r.small_digest for r in rows])
    gain = np.concatenate([train.grades.gain, test.grades.gain])
    n = len(train.labels)
    scores = np.empty(n)
    weight = np.concatenate([train.grades.w, test.grades.w])
    for k in range(5):
        own = train.grades.groups % 5 == k
        fitted = means.fit(codes, gain, np.flatnonzero(~own), smoothing, weight)
        scores[own] = fitted.encode(codes, np.flatnonzero(own))
    fitted = means.fit(codes, gain, np.arange(n), smoothing, weight)
    return scores, fitted.encode(codes, np.arange(n, len(rows)))


def _constant(kept: float, seen: Grades, options: Options) -> dict[str, Any]:
    everywhere = np.full(len(seen.small), kept)
    found = at(everywhere, seen, options, fixed=True)
    value = 1.0 - kept
    within = {level: 1.0 if kept and found["loss"] <= float(level) else 0.0 for level in LEVELS}
    return {
        "apgr": {"value": value, "low": value, "high": value},
        "cpt50": None if kept else 1.0,
        "cpt80": None if kept else 1.0,
        "auroc_gain": 0.5,
        "auroc_small_bad": 0.5,
        "ece": None,
        "at": dict.fromkeys(LEVELS, found),
        "hindsight": within,
        "curve": [(value, rounded(seen.mean(seen.large) - kept * seen.mean(seen.gain)))],
    }


def _random_mix(main: Mapping[str, Any], seen: Grades, options: Options) -> dict[str, Any]:
    """Returns a coin's figures in expectation; at each level it spends what the classifier spent there."""
    most = 1.0 - seen.mean(seen.small_cost) / max(seen.mean(seen.large_cost), 1e-12)
    shares = {level: min(max(main["at"][level]["cost_saved"] / max(most, 1e-12), 0.0), 1.0) for level in LEVELS}
    lost = seen.mean(seen.gain) / max(seen.mean(seen.large), 1e-12)
    within = {level: rounded(min(float(level) / lost, 1.0) if lost > 0 else 1.0) for level in LEVELS}
    return {
        "apgr": {"value": 0.5, "low": 0.5, "high": 0.5},
        "cpt50": 0.5,
        "cpt80": 0.8,
        "auroc_gain": 0.5,
        "auroc_small_bad": 0.5,
        "ece": None,
        "at": {level: at(np.full(len(seen.small), shares[level]), seen, options, fixed=True) for level in LEVELS},
        "hindsight": within,
        "curve": [(0.0, main["curve"][0][1]), (1.0, main["curve"][-1][1])],
    }


def _gap_interval(value: float, ranking: Ranking, seen: Grades, options: Options) -> dict[str, float | None]:
    draws = [
        curve.gap_recovered(ranking, seen, weight * seen.w)[0]
        for weight in curve.resamples(seen.groups, options.draws, options.seed)
    ]
    return interval(value, [draw for draw in draws if draw == draw], SHARE, seen.questions)


def _method(labels: Sequence[Label], options: Options) -> dict[str, Any]:
    """Returns in words what the figures rest on."""
    prices = options.prices
    stated = sum(row.spending.small_cost is not None and row.spending.large_cost is not None for row in labels)
    assumed = sum(row.spending.large_tokens is None and row.spending.large_cost is None for row in labels)
    return {
        "cost": f"stated by the row ({stated} rows), else tokens at ${prices.large_input:g}/{prices.large_output:g} "
        f"(big) and ${prices.small_input:g}/{prices.small_output:g} (small) a million",
        "rows_without_answer_tokens": assumed,
        "cut": f"largest share whose out-of-fold loss on the train rows, plus {options.deviations:g} standard errors, "
        "stays within the level",
        "intervals": intervals_of(options),
        "random_mix": "at each level it spends what the classifier spends there",
        "oracle": "knows the test rows' grades; its cuts are read off them",
        **graded_by(labels),
    }


def intervals_of(options: Options) -> str:
    """Returns in words how intervals are made."""
    return (
        "95 %, by question: means with one question more that is as bad, or as good, as any could be (exact binomial "
        f"where right or wrong), {MEANS * options.draws} draws; APGR by bootstrap, {options.draws}; seed {options.seed}"
    )


def graded_by(labels: Sequence[Label]) -> dict[str, str]:
    """Returns in words who graded rows that say so, and what that is not."""
    who = Counter(row.known.who for row in labels if row.known is not None)
    if not who:
        return {}
    said = ", ".join(f"{name} {n}" for name, n in sorted(who.items()))
    return {"graded_by": said + ("; to agree with the baseline is not to be right" if "agreement" in who else "")}
