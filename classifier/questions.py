"""Graded questions that the models of a panel and a big model have answered, read to learn from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from classifier.answers import FLOOR, Answer, Asked, Given, Sureness, asked, chosen, read, worded
from classifier.digests import model_digest
from classifier.evidence import Candidate
from classifier.label import Label, LabelError
from classifier.values import Kind


@dataclass(frozen=True, slots=True)
class Stage:
    """The distinct values among the first answers, and their evidence as it was written down: (values, d) float32."""

    found: tuple[Candidate, ...]
    table: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Question:
    """One request, the panel's answers in asking order with their grades, and the big model's grade.

    `stages`: what was written down when it was asked, one after each answer; then the answers themselves are not known.
    """

    label: Label
    labels: tuple[Label, ...]
    ask: Asked
    answers: tuple[Answer, ...]
    stages: tuple[Stage, ...] = ()

    @property
    def key(self) -> str:
        """The split key: equal questions of two sources have equal keys."""
        return self.label.key

    @property
    def big(self) -> float:
        """The big answer's grade."""
        return self.label.large_quality

    @property
    def digests(self) -> tuple[str, ...]:
        """The small models, in asking order."""
        return tuple(label.small_digest for label in self.labels)

    @property
    def grades(self) -> tuple[float, ...]:
        """The small answers' grades, in asking order."""
        return tuple(label.small_quality for label in self.labels)


def gather(labels: Iterable[Label], panel: Sequence[str], big: str | None) -> list[Question]:
    """Returns the questions that every model of the panel (names) and the big one answered.

    A small answer is worth the same whichever big model a row sets it against, so members may come from rows of
    other pairs. Raises LabelError when a model is in no row, several big models are, or no question has them all.
    """
    rows = list(labels)
    large = _big(rows, big)
    weights = {model_digest(row.small_model): row.small_digest for row in rows}  # a row may state them
    digests = [weights.get(model_digest(name), model_digest(name)) for name in panel]
    byprompt: dict[str, dict[str, Label]] = {}
    against: dict[str, Label] = {}
    for row in rows:
        byprompt.setdefault(row.prompt_id, {}).setdefault(row.small_digest, row)
        if model_digest(row.large_model) == large:
            against.setdefault(row.prompt_id, row)
            byprompt[row.prompt_id][row.small_digest] = row
    _all_there(rows, digests, panel)
    whole = [prompt for prompt in against if all(digest in byprompt[prompt] for digest in digests)]
    if not whole:
        raise LabelError(f"no question was answered by all of {', '.join(panel)} and the big model; name others")
    return [_question(against[prompt], [byprompt[prompt][digest] for digest in digests]) for prompt in whole]


def gather_all(labels: Iterable[Label], panels: Sequence[Sequence[str]], big: str | None) -> list[Question]:
    """Returns the questions of several panels, each against every big model that some of its questions have.

    Raises LabelError as `gather` does where a panel has no question.
    """
    rows = list(labels)
    bigs = [big] if big is not None else sorted({row.large_model for row in rows})
    found: list[Question] = []
    for panel in panels:
        before, refused = len(found), None
        for name in bigs:
            try:
                found.extend(gather(rows, panel, name))
            except LabelError as none:
                refused = none
        if len(found) == before and refused is not None:
            raise refused
    return found


def strengths(questions: Sequence[Question]) -> dict[str, float]:
    """Returns the mean grade of each model on these questions, by digest."""
    totals: dict[str, list[float]] = {}
    for question in questions:
        for label in question.labels:
            totals.setdefault(label.small_digest, []).append(label.small_quality)
    return {digest: round(float(np.mean(grades)), 6) for digest, grades in totals.items()}


def _question(against: Label, members: Sequence[Label]) -> Question:
    ask = asked(against.body)
    given = [_given(label, ask.kind) for label in members]
    answers = zip(read(against.body, given, ask), members, strict=True)
    return Question(against, tuple(members), ask, tuple(_whole(answer, label, ask) for answer, label in answers))


def _whole(answer: Answer, label: Label, ask: Asked) -> Answer:
    """The answer with what the file lists separately: its wording, if the final answer has a field of its own."""
    written = label.answer
    if written.names_final and written.message is None:
        text = written.text or ""
        answer = replace(answer, worded=worded(text, ask), chosen=chosen(answer.value, text, ask))
    return _sure(answer, label)


def _sure(answer: Answer, label: Label) -> Answer:
    """The answer with the log-probabilities' mean and least where the file states those alone."""
    written = label.answer
    if written.mean_logprob is None or written.min_logprob is None or written.logprobs is not None:
        return answer
    least, mean = max(written.min_logprob, FLOOR), max(written.mean_logprob, FLOOR)
    return replace(answer, sureness=Sureness(mean, least, answer.sureness.unsure))


def _given(label: Label, kind: Kind | None) -> Given:
    """A label's answer as it would have been given.

    Where the file names the final answer apart from a text that may be cut, that is the answer; where it would
    have named it and could not, the answer abstains.
    """
    written = label.answer
    message: Mapping[str, Any] = written.message or {"role": "assistant", "content": written.text or ""}
    reason = written.finish_reason or "stop"
    if written.names_final and written.message is None and kind != "tools":
        text = written.text or ""
        if written.chars is not None and written.chars > len(text):
            text += " " * (written.chars - len(text))
        if written.final is None:
            reason = "length"
        else:
            text = orjson.dumps({"text": text, "answer": written.final}).decode("utf-8", "replace")
        message = {"role": "assistant", "content": text}
    return Given(label.small_model, label.small_digest, message, reason, label.spending.small_tokens, written.logprobs)


def _big(rows: Sequence[Label], big: str | None) -> str:
    if big is not None:
        return model_digest(big)
    names = {model_digest(row.large_model): row.large_model for row in rows}
    if len(names) > 1:
        raise LabelError(
            f"the files hold several big models ({', '.join(sorted(names.values()))}); pick one with --big"
        )
    return next(iter(names), "")


def _all_there(rows: Sequence[Label], digests: Sequence[str], panel: Sequence[str]) -> None:
    known = {row.small_digest: row.small_model for row in rows}
    for digest, name in zip(digests, panel, strict=True):
        if digest not in known:
            raise LabelError(f"no row is of {name}; the files hold: {', '.join(sorted(known.values()))}")


def small_models(labels: Iterable[Label]) -> Iterator[str]:
    """Yields the small models of the rows, most rows first."""
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    for label in labels:
        counts[label.small_digest] = counts.get(label.small_digest, 0) + 1
        names.setdefault(label.small_digest, label.small_model)
    yield from (names[digest] for digest in sorted(counts, key=lambda d: (-counts[d], d)))
