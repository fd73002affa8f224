"""Embeddings: what may be sent, and what an answer amounts to."""

from typing import Any

import orjson
import pytest

from router.core.dialects.embeddings import EmbeddingReader, Embeddings
from router.core.errors import BadRequest, NotReady

DIALECT = Embeddings()


def asked(**fields: Any) -> Any:
    return DIALECT.parse(orjson.dumps({"model": "auto", "input": "hi"} | fields))


@pytest.mark.parametrize(
    ("given", "said"), [("a", "a"), (["a", "b"], "a\nb"), ([1, 2], ""), ([[1], [2, 3]], ""), (["a", ""], "a\n")]
)
def test_texts_are_read_and_tokens_are_taken(given: Any, said: str) -> None:
    assert asked(input=given).chat["messages"] == [{"role": "user", "content": said}]


@pytest.mark.parametrize("given", [None, "", [], {}, 5, [None], [True], ["a", 1], [[]], [["a"]]])
def test_what_is_neither_names_the_input(given: Any) -> None:
    with pytest.raises(BadRequest) as error:
        asked(input=given)
    assert error.value.param == "input"


@pytest.mark.parametrize("fields", [{"encoding_format": "hex"}, {"dimensions": 0}, {"dimensions": "x"}])
def test_wrong_fields_are_named(fields: dict[str, Any]) -> None:
    with pytest.raises(BadRequest) as error:
        asked(**fields)
    assert error.value.param == next(iter(fields))


def test_vectors_are_an_answer_and_anything_else_is_an_error() -> None:
    told = EmbeddingReader().whole({"model": "m", "data": [], "usage": {"prompt_tokens": 5}})
    assert told["usage"] == {"prompt_tokens": 5}
    assert "error" in EmbeddingReader().whole({"choices": []})
    assert EmbeddingReader().feed({}) == ()
    assert EmbeddingReader().ended


def test_it_is_never_translated() -> None:
    with pytest.raises(NotImplementedError):
        DIALECT.reply(asked(), {})
    with pytest.raises(NotImplementedError):
        DIALECT.writer(asked())
    error = NotReady("later", upstream="small")
    assert b"not_ready" in DIALECT.http_error(error)[2]
    assert DIALECT.error_event(error).startswith(b"data: ")
