"""The vector: every feature in its place, finite whatever came, and the same with or without numpy."""

from typing import Any

import numpy as np
import pytest

from classifier.conversation import conversation_of
from classifier.features import CATALOGUE, FEATURES, extract, feature_set, packed

ASKED: dict[str, Any] = {
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is 6 times 7?"}]
}
TOOL = {
    "type": "function",
    "function": {"name": "f", "parameters": {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a"]}},
}


def found(body: dict[str, Any]) -> dict[str, float]:
    return dict(zip(FEATURES, extract(body).tolist(), strict=True))


def test_names_are_unique_and_each_says_what_it_is() -> None:
    assert len(set(FEATURES)) == len(CATALOGUE)
    assert [feature.name for feature in CATALOGUE if not feature.about.endswith(".")] == []


def test_the_conversation_and_its_tools_are_counted() -> None:
    seen = found(ASKED | {"tools": [TOOL], "tool_choice": "required", "max_tokens": 9})
    assert seen["turns"] == pytest.approx(np.log1p(2))
    assert (seen["tools"], seen["tool_parameters"], seen["tool_required"]) == pytest.approx(np.log1p([1, 2, 1]))
    assert (seen["tool_forced"], seen["max_tokens"]) == pytest.approx((1.0, np.log1p(9)))


def test_a_schema_demands_more_than_an_object() -> None:
    schema = {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}
    formats: list[dict[str, Any]] = [{}, {"response_format": {"type": "json_object"}}, {"response_format": schema}]
    assert [found(ASKED | asked)["answer_format"] for asked in formats] == [0.0, 1.0, 2.0]


def test_the_packed_bytes_are_the_vectors() -> None:
    body = ASKED | {"tools": [TOOL]}
    assert packed(body, conversation_of(body)) == extract(body).tobytes()


@pytest.mark.parametrize(
    "body", [{}, {"messages": None}, {"messages": ["x"]}, {"messages": [], "tools": "x", "max_tokens": "x"}]
)
def test_a_body_of_the_wrong_shape_gives_finite_numbers(body: dict[str, Any]) -> None:
    vector = extract(body)
    assert vector.shape == (len(FEATURES),)
    assert vector.dtype == np.float32
    assert np.isfinite(vector).all()


def test_the_set_has_one_digest_for_all_artifacts_to_be_checked_by() -> None:
    assert feature_set() == feature_set()
    assert len(feature_set()) == 12
