"""The model card that travels with an artifact: what it knows, from what, how well, and what not to ask of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from classifier.forms import Forms

CONTROLS = ("always_small", "always_big", "random_mix", "length", "task_mean", "oracle")
LOSSES = (
    "A *relative loss* is mean(d) / mean(B): B is the big model's grade, d what is missing of it in what was served, 0 "
    "where the big one answered. *Harm* is the mean of max(d, 0): of all requests, worse answers only."
)
LIMITS = (
    "`p_good` is the chance that the small model's answer is no worse than the big one's, before it is asked. Of a "
    "model without a head of its own it knows the pooled curve only; of a task whose name is not in here, what all "
    "tasks have in common. It holds for requests like those it was trained on; on others it can be wrong with "
    "confidence. It is no certificate: a cut read off one set says nothing sure about your traffic."
)


def model_card(digest: str, training: Mapping[str, Any], metrics: Mapping[str, Any], forms: Forms | None = None) -> str:
    """Returns the card as Markdown, made from the manifest alone: what is not in there is said to be unknown."""
    head = [f"# Classifier {digest}", "", *_training(training), "", *_known(forms)]
    lines = [*head, *_measured(metrics), "", "## Limits", "", LIMITS]
    return "\n".join(lines) + "\n"


def _training(training: Mapping[str, Any]) -> Iterator[str]:
    licences: Mapping[str, str] = training.get("licences", {})
    yield "## Trained on"
    yield ""
    yield f"{training['rows']:,} rows of {training['questions']:,} questions, digest `{training['digest']}`."
    if graded := training.get("graded_by"):
        by = ", ".join(f"{who} {rows:,}" for who, rows in sorted(graded.items()))
        yield (
            f"From the ledger, without bodies; graded by {by}. Weighted by trust and by the chance of being graded the "
            f"rows are worth {training['worth_rows']:,}."
        )
    yield f"Mean grade: small {training['small_quality']:.3f}, big {training['large_quality']:.3f}."
    yield ""
    yield "| source | pair | rows | licence as the rows state it |"
    yield "|---|---|---|---|"
    for name, rows in sorted(training["pairs"].items()):
        source, _, pair = name.partition(": ")
        yield f"| {source} | {pair} | {rows:,} | {licences.get(source, 'not stated')} |"
    yield ""
    yield "| model with a head of its own | digest |"
    yield "|---|---|"
    yield from (f"| {name} | `{key}` |" for key, name in sorted(training["models"].items()))
    yield ""
    settings = (*sorted(training["settings"].items()), *sorted(training["versions"].items()))
    yield f"Feature set `{training['feature_set']}`. " + ", ".join(f"{name} {value}" for name, value in settings) + "."


def _known(forms: Forms | None) -> Iterator[str]:
    if forms is None:
        return
    counted = sorted(forms.questions.items(), key=lambda told: (-told[1], told[0]))
    yield "Questions by their form: " + "; ".join(f"{name} {n:,}" for name, n in counted) + "."
    yield (
        f"Of a form that fewer than {forms.least} had, in no application it knows, it expects the big model to be "
        f"better by {forms.mean:.3f}, the mean over sources, and {forms.spread:.3f}, their standard deviation."
    )
    yield ""


def _measured(metrics: Mapping[str, Any]) -> Iterator[str]:
    yield "## Measured on rows it never saw"
    yield ""
    if not metrics:
        yield "Nothing: it was trained without `--test`."
        return
    yield (
        f"{metrics['n']:,} rows of {metrics['questions']:,} questions; small {metrics['small_quality']}, big "
        f"{metrics['big_quality']}. APGR {written(metrics['apgr'])}; AUROC of a wrong small answer "
        f"{metrics['auroc_small_bad']}; calibration error {metrics['ece']}. Cuts: {metrics['method']['cut']}. "
        f"Intervals: {metrics['method']['intervals']}. Money: {metrics['method']['cost']}."
    )
    yield ""
    yield f"Aimed at a relative loss, by cuts fixed beforehand. {LOSSES}"
    yield ""
    yield "| relative loss aimed at | ranked by | share small | relative loss | harm | cost saved |"
    yield "|---|---|---|---|---|---|"
    for level in metrics["at"]:
        yield _row(level, "this classifier", metrics["at"][level])
        yield from (_row(level, name.replace("_", " "), metrics["controls"][name]["at"][level]) for name in CONTROLS)
    yield ""
    yield (
        "The random mix spends what the classifier spends. The task mean is told source and category, which a request "
        "does not state. The oracle knows the test grades."
    )


def _row(level: str, name: str, at: Mapping[str, Any]) -> str:
    figures = (at["share_small"], at["loss_interval"], *(between(at, figure) for figure in ("harm", "cost_saved")))
    return f"| {level} | {name} | {' | '.join(map(written, figures))} |"


def between(at: Mapping[str, Any], figure: str) -> Mapping[str, Any]:
    """Returns a figure with its interval, or alone where it was measured before it had one."""
    return at.get(f"{figure}_interval") or {"value": at[figure], "low": None, "high": None}


def written(known: Mapping[str, Any]) -> str:
    """Returns a figure with its interval, where it has one."""
    if known["value"] is None:
        return "unknown"
    if known["low"] is None:
        return f"{known['value']}"
    return f"{known['value']} ({known['low']} to {known['high']})"
