"""Labels from the shadow: whether a shadow's answer agrees with the baseline's."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from classifier.values import COMPARED, comparable, kind_of
from router.core.exchange import ESCALATE, Exchange, Verdict
from router.core.ports import Answer
from router.pipeline.calls import OpenCall

AGREEMENT, STRUCTURE = "agreement", "structure"
TRUST = 0.5
"""The weight of such a label beside a graded one, as it assumes that the baseline is right when answers differ."""

OF_FORM = frozenset({"structure", "refusal", "loops"})
Said = Callable[[], Answer | None]


@dataclass(frozen=True, slots=True)
class Compared:
    """The baseline's answer to one request, to compare others with. `value` is hashed, and None if it has none."""

    baseline: str
    value: bytes | None = None


def no_answer() -> None:
    """Stands for an answer that was not kept."""


def answer_of(calls: Mapping[int, OpenCall], served: str) -> Answer | None:
    """The answer of the attempt `served`, as judges see it; None if it was not kept."""
    found = (call for call in calls.values() if call.attempt.id == served)
    return next((call.answer() for call in found if call.read is not None or call.tap.gathers), None)


def compared(body: Mapping[str, Any], baseline: str, answer: Answer | None) -> Compared:
    """What is kept of the baseline's answer: a hash of its value."""
    return Compared(baseline, None if answer is None else _hashed(_value(body, answer)))


def labels_of(
    exchange: Exchange, body: Mapping[str, Any], calls: Mapping[int, OpenCall], known: Compared, share: float
) -> Iterator[dict[str, Any]]:
    """Rows for `labels`, one for each upstream that answered in the shadow.

    `share` is the chance that the request was tried out. An answer with the baseline's value counts as just as good;
    one with another value, or with none, counts as wrong. If the baseline's answer has no value to compare, an upstream
    gets a label only if a judge objected to the form of its answer. Such labels train and never certify.
    """
    done: set[str] = set()
    for call in calls.values():
        name = call.planned.upstream
        if call.planned.question is not None or not call.answered or name in done:
            continue
        done.add(name)
        row = {"exchange": exchange.id, "small": name, "use": "train", "inclusion_p": share}
        if known.value is not None:
            same = _hashed(_value(body, call.answer())) == known.value
            grades = {"small_quality": float(same), "big_quality": 1.0, "trust": TRUST}
            yield row | grades | _who(AGREEMENT, exchange, name, known.baseline)
        elif (against := _objection(exchange, call)) is not None:
            yield row | {"small_quality": 0.0} | _who(STRUCTURE, exchange, name, against.judge)


def _who(who: str, exchange: Exchange, upstream: str, judge: str) -> dict[str, Any]:
    return {"id": f"{who}-{exchange.id}-{upstream}", "who": who, "judge": judge, "label_kind": "exact"}


def _objection(exchange: Exchange, call: OpenCall) -> Verdict | None:
    found = (verdict for verdict in exchange.verdicts if verdict.attempt == call.attempt.id)
    return next((verdict for verdict in found if verdict.judge in OF_FORM and verdict.action == ESCALATE), None)


def _value(body: Mapping[str, Any], answer: Answer) -> str | None:
    """The value that an answer gives; None if it cannot be compared or was cut off."""
    kind = kind_of(body)
    if kind not in COMPARED or answer.finish_reason == "length":
        return None
    return comparable(body, answer.message, kind)


def _hashed(value: str | None) -> bytes | None:
    return None if value is None else blake2b(value.encode("utf-8", "surrogatepass"), digest_size=16).digest()
