"""The dialects that are served, by name, and a request in any of them read."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from router.core.dialects import chat
from router.core.dialects.chat import ChatRequest
from router.core.dialects.completions import Completions
from router.core.dialects.dialect import Dialect, Original
from router.core.dialects.embeddings import Embeddings
from router.core.dialects.messages.messages import Messages
from router.core.dialects.responses.dialect import Responses
from router.core.errors import BadRequest, RouterError

# What the second, lenient reading may get past: a chat cannot say it, or does not know it.
_UNSAYABLE = ("unsupported_parameter", "invalid_value")
DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {dialect.name: dialect for dialect in (Completions(), Responses(), Messages(), Embeddings())}
)
_LENIENT: Mapping[str, Dialect] = MappingProxyType(
    {dialect.name: dialect for dialect in (Completions(native=True), Responses(native=True), Messages(native=True))}
)


def request_in(name: str, raw: bytes, headers: Mapping[str, str]) -> ChatRequest:
    """The request in `raw`, spoken in the dialect `name`. Raises BadRequest naming the parameter.

    What only an upstream of that dialect can do is no error here: `refused` says that it must be one.
    """
    dialect = DIALECTS[name]
    try:
        request = dialect.parse(raw)
    except BadRequest as error:
        if error.code not in _UNSAYABLE or name not in _LENIENT:
            raise
        request = replace(_LENIENT[name].parse(raw), refused=error)
    return chat.chat_of(Original(dialect, request, headers))


def http_error(name: str, error: RouterError) -> tuple[int, str, bytes]:
    """Status, content type and body for `error` in the dialect `name`; OpenAI's shape for any that is not here."""
    dialect = DIALECTS.get(name)
    return chat.http_error(error) if dialect is None else dialect.http_error(error)
