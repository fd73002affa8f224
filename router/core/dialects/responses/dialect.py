"""The dialect of `/v1/responses`."""

from collections.abc import Mapping
from typing import Any

import orjson

from router.core.dialects.chat import http_error
from router.core.dialects.dialect import Translated
from router.core.dialects.native.items import ItemReader
from router.core.dialects.responses import request as body
from router.core.dialects.responses.writer import ResponsesWriter, event
from router.core.errors import RouterError


class Responses:
    """`/v1/responses` without state.

    `native` is for a request that an upstream of this dialect will get as it came: what only such an
    upstream can do (stored conversations, hosted tools) is then noted in `stripped`, not refused.
    """

    name = "responses"
    path = "/v1/responses"

    def __init__(self, *, native: bool = False) -> None:
        self._native = native

    def parse(self, raw: bytes) -> Translated:
        """The request in `raw`. Raises BadRequest naming the parameter."""
        return body.parse(raw, native=self._native)

    def reply(self, request: Translated, completion: Mapping[str, Any]) -> bytes:
        """The response object that a chat completion becomes."""
        return orjson.dumps(ResponsesWriter(request).whole(completion))

    def writer(self, request: Translated) -> ResponsesWriter:
        """A fresh writer for one stream; its `fail` ends one that broke, with numbers that go on."""
        return ResponsesWriter(request)

    def reader(self) -> ItemReader:
        """A fresh reader of what an upstream of this dialect answers."""
        return ItemReader()

    def http_error(self, error: RouterError) -> tuple[int, str, bytes]:
        """Status, content type and body, the same as chat's."""
        return http_error(error)

    def error_event(self, error: RouterError) -> bytes:
        """An `error` event on its own. In a stream that has a writer, its `fail` says more."""
        said = {"code": error.code, "message": error.message, "param": error.param}
        return event("error", sequence_number=0, **said, error={**said, "type": error.type})
