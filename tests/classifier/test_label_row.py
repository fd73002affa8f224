"""One labelled row: what it may leave out, what it must say, and that it is written as it was read."""

import pytest

from classifier.digests import model_digest
from classifier.label import LabelError, Spending
from classifier.label_row import parse, row_of
from tests.classifier.test_labels import row

WEATHER = {"name": "weather", "parameters": {"type": "object"}}


def test_a_row_needs_a_request_two_models_and_two_grades() -> None:
    label = parse(row("What is 6 times 7?"), "here:1")
    assert label.body == {"messages": [{"role": "user", "content": "What is 6 times 7?"}]}
    assert (label.small_digest, label.gain) == (model_digest("tiny"), 1.0)
    assert (label.prompt_id, label.source, label.quality_kind, label.spending) == ("here:1", "s", "exact", Spending())


def test_a_whole_request_is_taken_as_it_is() -> None:
    request = {"messages": [{"role": "user", "content": "hi"}], "temperature": 0}
    assert parse(row("") | {"request": request}, "here:1").body == request


@pytest.mark.parametrize("tools", ['{"name": "weather", "parameters": {"type": "object"}}', [WEATHER]])
def test_tools_of_a_prompt_become_functions(tools: object) -> None:
    body = parse(row("Rain?", tools=tools), "here:1").body
    assert body["tools"] == [{"type": "function", "function": WEATHER}]


def test_what_the_file_knows_of_the_answer_is_kept_and_the_rest_is_unknown() -> None:
    answer = parse(row("one", small_response="42", small_final=42, small_logprobs=[-1, 0]), "here:1").answer
    assert (answer.text, answer.final, answer.logprobs, answer.finish_reason) == ("42", "42", (-1.0, 0.0), None)
    with pytest.raises(LabelError, match="here:1: 'small_logprobs' is a list of numbers"):
        parse(row("one", small_logprobs=[None]), "here:1")


def test_a_written_row_reads_as_the_same_label_and_says_nothing_unknown() -> None:
    label = parse(row("one", prompt_id="q7", split="dev", small_completion_tokens=12, license="MIT"), "here:1")
    written = row_of(label)
    assert parse(written, "there:9") == label
    assert None not in written.values()
