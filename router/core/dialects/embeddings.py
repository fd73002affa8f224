"""Embeddings: texts or tokens in, vectors out; never translated, for only the model that made them can compare them."""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from router.core.dialects.chat import error_event, http_error
from router.core.dialects.dialect import StreamWriter, Translated
from router.core.dialects.reading import count_in, missing, model_in, object_in, wrong
from router.core.errors import BadRequest, RouterError

MAX_INPUTS = 100_000
FORMATS = ("float", "base64")
SAID_OF_IT = ("user", "safety_identifier", "metadata")


class Embeddings:
    """`/v1/embeddings`. The chat it amounts to is there to count and to look for what must not leave."""

    name = "embeddings"
    path = "/v1/embeddings"

    def parse(self, raw: bytes) -> Translated:
        """The request in `raw`. Raises BadRequest naming the parameter."""
        body = object_in(raw)
        model, texts = model_in(body), _texts(body.get("input"))
        if body.get("encoding_format") not in (None, *FORMATS):
            raise wrong("encoding_format", "float or base64", "invalid_value")
        if count_in(body, "dimensions") == 0:
            raise wrong("dimensions", "a positive integer", "invalid_value")
        return Translated(
            raw=raw,
            body=body,
            chat={
                "model": model,
                "messages": [{"role": "user", "content": "\n".join(texts)}],
                **{name: body[name] for name in SAID_OF_IT if name in body},
            },
            model=model,
            stream=False,
            wants_usage=False,
            max_tokens=0,
            refused=BadRequest(
                "The upstream asked makes no embeddings. Name one that `speaks: [embeddings]`.",
                param="model",
                code="unsupported_parameter",
            ),
        )

    def reply(self, request: Translated, completion: Mapping[str, Any]) -> NoReturn:
        """Never called: a chat makes no vectors."""
        raise NotImplementedError("embeddings are never translated")

    def writer(self, request: Translated) -> StreamWriter:
        """Never called: vectors are not streamed."""
        raise NotImplementedError("embeddings are never streamed")

    def reader(self) -> "EmbeddingReader":
        """A fresh reader of one answer."""
        return EmbeddingReader()

    def http_error(self, error: RouterError) -> tuple[int, str, bytes]:
        """Status, content type and body, the same as chat's."""
        return http_error(error)

    def error_event(self, error: RouterError) -> bytes:
        """The same as chat's; no stream of embeddings ever begins."""
        return error_event(error)


class EmbeddingReader:
    """Satisfies `NativeReader`: a list of vectors is an answer that says nothing, and has a usage."""

    @property
    def ended(self) -> bool:
        """Always: nothing is streamed."""
        return True

    @property
    def begun(self) -> bool:
        """Never: nothing is streamed."""
        return False

    def feed(self, event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """None: nothing is streamed."""
        return ()

    def whole(self, reply: Mapping[str, Any]) -> Mapping[str, Any]:
        """The completion that stands for the vectors; an error if there are none."""
        if not isinstance(reply.get("data"), list):
            return {"error": {"message": "the upstream sent no embeddings", "code": "no_embeddings"}}
        choice = {"index": 0, "message": {"role": "assistant", "content": None}, "finish_reason": "stop"}
        return {"model": reply.get("model"), "choices": [choice], "usage": reply.get("usage")}


def _texts(given: object) -> list[str]:
    """The texts to embed, none for tokens. Raises BadRequest for what is neither."""
    if given is None or given in ("", []):
        raise missing("input", "a text, a list of texts, or tokens; and not empty")
    if isinstance(given, str):
        return [given]
    if not isinstance(given, list):
        raise wrong("input", "a text, a list of texts, or tokens")
    if len(given) > MAX_INPUTS:
        raise wrong("input", f"at most {MAX_INPUTS} entries", "array_above_max_length")
    if all(isinstance(one, str) for one in given):
        return given
    if _are_tokens(given) or all(isinstance(one, list) and one and _are_tokens(one) for one in given):
        return []
    raise wrong("input", "a text, a list of texts, or tokens")


def _are_tokens(value: list[Any]) -> bool:
    return all(isinstance(one, int) and not isinstance(one, bool) for one in value)
