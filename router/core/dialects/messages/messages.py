"""The dialect of `/v1/messages`: Anthropic's Messages before a chat upstream."""

from collections.abc import Mapping
from typing import Any

import orjson

from router.core.dialects.dialect import Translated
from router.core.dialects.messages import errors
from router.core.dialects.messages.lenient import parse_natively
from router.core.dialects.messages.reply import reply
from router.core.dialects.messages.request import chat_of, parse, read
from router.core.dialects.messages.writer import Writer
from router.core.dialects.native.messages import MessageReader
from router.core.errors import RouterError
from router.core.tokens import prompt_tokens


class Messages:
    """Satisfies `Dialect`; one serves every request.

    `native` is for a request that an upstream of this dialect will get as it came: what only Anthropic
    can do (hosted tools, files) is then noted in `stripped`, not refused.
    """

    name = "messages"
    path = "/v1/messages"

    def __init__(self, *, native: bool = False) -> None:
        self._native = native

    def parse(self, raw: bytes) -> Translated:
        """The request in `raw`. Raises BadRequest naming the parameter."""
        return parse_natively(raw) if self._native else parse(raw)

    def reply(self, request: Translated, completion: Mapping[str, Any]) -> bytes:
        """The body that a chat completion becomes."""
        return reply(request, completion)

    def writer(self, request: Translated) -> Writer:
        """A fresh writer for one stream."""
        return Writer(request)

    def reader(self) -> MessageReader:
        """A fresh reader of what an upstream of this dialect answers."""
        return MessageReader()

    def http_error(self, error: RouterError) -> tuple[int, str, bytes]:
        """Status, content type and body in Anthropic's shape."""
        return errors.http_error(error)

    def error_event(self, error: RouterError) -> bytes:
        """The same inside a stream that has begun."""
        return errors.error_event(error)


def count_tokens(raw: bytes) -> bytes:
    """The answer of `/v1/messages/count_tokens`: an estimate, since no tokenizer is asked.

    Characters over four, system prompt and tools included; pictures and documents count nothing.
    Raises BadRequest as `parse` does; `max_tokens` is not asked for here.
    """
    chat, _ = chat_of(read(raw))
    return orjson.dumps({"input_tokens": prompt_tokens(chat)})
