"""The model card of a second stage: what it learned from, under which licence, and how it did apart."""

from collections.abc import Iterator, Mapping
from typing import Any

from classifier.card import LOSSES, between, written


def verifier_card(digest: str, training: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """Returns the card as Markdown."""
    return "\n".join([f"# Verifier {digest}", "", *_trained(training), *_measured(metrics), *_limits()]) + "\n"


def _trained(training: Mapping[str, Any]) -> Iterator[str]:
    yield "## Trained on"
    yield ""
    yield f"{training['rows']:,} rows of {training['questions']:,} questions, digest `{training['digest']}`."
    yield ""
    yield "| source | panel, in asking order | big model | questions | licence as the rows state it |"
    yield "|---|---|---|---|---|"
    for panel in training["panels"]:
        members = ", ".join(panel["members"])
        licence = panel["licence"] or "not stated"
        yield f"| {panel['source']} | {members} | {panel['big']} | {panel['questions']:,} | {licence} |"
    yield ""
    settings = ", ".join(f"{name} {value}" for name, value in sorted(training["settings"].items()))
    yield f"Evidence `{training['feature_set']}`, {training['features']} features. {settings}."
    yield ""


def _measured(metrics: Mapping[str, Any]) -> Iterator[str]:
    yield "## Measured on questions it never saw"
    yield ""
    if not metrics:
        yield "Not measured."
        yield ""
        return
    yield f"Cuts fixed on the train questions; 95 % intervals by question. {LOSSES}"
    yield ""
    yield "| panel | relative loss aimed at | share small | relative loss | harm | local calls |"
    yield "|---|---|---|---|---|---|"
    for name, figures in metrics.items():
        for level, at in figures.items():
            shares = (at["share_small"], at["loss_interval"], between(at, "harm"))
            yield f"| {name} | {level} | {' | '.join(map(written, shares))} | {at['local_calls']} |"
    yield ""


def _limits() -> Iterator[str]:
    yield "## Limits"
    yield ""
    yield (
        "`p_kept` is given only where the models, the kind of question and the task are among those above; elsewhere "
        "the ranking holds and the level does not, so none is given. It is no certificate: cuts read off one set say "
        "nothing sure about other traffic."
    )
