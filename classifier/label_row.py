"""One row of a labelled file, read and written: the schema of docs/labelled-data.md."""

from collections.abc import Mapping
from typing import Any

import orjson

from classifier.ask import last_ask
from classifier.digests import model_digest
from classifier.label import Label, LabelError, Spending, Written
from classifier.task import split_key


def parse(row: Mapping[str, Any], where: str) -> Label:
    """Returns one row as a Label; `where` (file:line) leads the message of a LabelError."""
    body = _body(row, where)
    prompt = row.get("prompt")
    small, large = _text(row, "small_model", where), _text(row, "large_model", where)
    return Label(
        prompt_id=str(row.get("prompt_id") or where),
        source=str(row.get("source") or "unnamed"),
        category=str(row.get("category") or ""),
        body=body,
        key=split_key(prompt if isinstance(prompt, str) else last_ask(body)),
        small_model=small,
        small_digest=str(row.get("small_digest") or model_digest(small)),
        large_model=large,
        small_quality=_quality(row, "small_quality", where),
        large_quality=_quality(row, "large_quality", where),
        quality_kind=str(row.get("quality_kind") or "exact"),
        split=str(row.get("split") or ""),
        spending=_spending(row, where),
        licence=str(row.get("license") or ""),
        answer=_written(row, where),
    )


def row_of(label: Label) -> dict[str, Any]:
    """Returns the label as a row that `parse` reads; what is not known is left out."""
    spent = label.spending
    row = {
        "prompt_id": label.prompt_id,
        "source": label.source,
        "category": label.category,
        "request": label.body,
        "small_model": label.small_model,
        "small_digest": label.small_digest,
        "large_model": label.large_model,
        "small_quality": label.small_quality,
        "large_quality": label.large_quality,
        "quality_kind": label.quality_kind,
        "prompt_tokens": spent.prompt_tokens,
        "small_completion_tokens": spent.small_tokens,
        "large_completion_tokens": spent.large_tokens,
        "small_cost": spent.small_cost,
        "large_cost": spent.large_cost,
        "small_response": label.answer.text,
        "small_final": label.answer.final,
        "small_chars": label.answer.chars,
        "small_message": label.answer.message,
        "small_finish_reason": label.answer.finish_reason,
        "small_logprobs": label.answer.logprobs,
        "small_mean_logprob": label.answer.mean_logprob,
        "small_min_logprob": label.answer.min_logprob,
        "split": label.split or None,
        "license": label.licence or None,
    }
    return {name: value for name, value in row.items() if value is not None}


def _body(row: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    request = row.get("request")
    if isinstance(request, Mapping):
        return request
    prompt = row.get("prompt")
    if not isinstance(prompt, str):
        raise LabelError(f"{where}: neither 'prompt' nor 'request'; add one (docs/labelled-data.md)")
    body: dict[str, Any] = {"messages": [{"role": "user", "content": prompt}]}
    if row.get("tools"):
        body["tools"] = _tools(row["tools"], where)
    return body


def _tools(given: Any, where: str) -> list[Any]:
    if isinstance(given, str):
        try:
            given = orjson.loads(given)
        except orjson.JSONDecodeError as broken:
            raise LabelError(f"{where}: 'tools' is not JSON ({broken}); write a list of schemas") from broken
    functions = given if isinstance(given, list) else [given]
    return [
        tool if isinstance(tool, Mapping) and "function" in tool else {"type": "function", "function": tool}
        for tool in functions
    ]


def _text(row: Mapping[str, Any], field: str, where: str) -> str:
    value = row.get(field)
    if not isinstance(value, str) or not value:
        raise LabelError(f"{where}: '{field}' is missing; write the model's name")
    return value


def _quality(row: Mapping[str, Any], field: str, where: str) -> float:
    value = row.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise LabelError(f"{where}: '{field}' is {value!r}; write a grade from 0 to 1")
    return float(value)


def _spending(row: Mapping[str, Any], where: str) -> Spending:
    tokens = (row.get(f"{name}_tokens") for name in ("prompt", "small_completion", "large_completion"))
    costs = (row.get(f"{name}_cost") for name in ("small", "large"))
    values = [*tokens, *costs]
    if any(value is not None and (not isinstance(value, int | float) or value < 0) for value in values):
        raise LabelError(f"{where}: token counts and costs are numbers of at least 0; leave out what is unknown")
    return Spending(*values)


def _written(row: Mapping[str, Any], where: str) -> Written:
    text, message, chars = row.get("small_response"), row.get("small_message"), row.get("small_chars")
    logprobs, final = row.get("small_logprobs"), row.get("small_final")
    if logprobs is not None and not _numbers(logprobs):
        raise LabelError(
            f"{where}: 'small_logprobs' is a list of numbers, one a content token; leave out what is unknown"
        )
    return Written(
        text=text if isinstance(text, str) else None,
        final=None if final is None else str(final),
        names_final=final is not None or chars is not None,
        chars=chars if isinstance(chars, int) else None,
        message=message if isinstance(message, Mapping) else None,
        finish_reason=row.get("small_finish_reason") if isinstance(row.get("small_finish_reason"), str) else None,
        logprobs=None if logprobs is None else tuple(map(float, logprobs)),
        mean_logprob=_measure(row.get("small_mean_logprob")),
        min_logprob=_measure(row.get("small_min_logprob")),
    )


def _measure(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _numbers(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
