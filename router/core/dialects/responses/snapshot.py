"""The response object: what was asked, how far the answer is, what it used."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from router.core.dialects.dialect import Translated
from router.core.dialects.responses.tools import is_hosted

_ECHOED = (
    "instructions max_output_tokens max_tool_calls prompt_cache_key reasoning safety_identifier "
    "service_tier temperature text tool_choice top_logprobs top_p user".split()
)
_RENAMED = {
    "prompt_tokens": "input_tokens",
    "completion_tokens": "output_tokens",
    "prompt_tokens_details": "input_tokens_details",
    "completion_tokens_details": "output_tokens_details",
}


class Snapshot:
    """Writes the response object of one reply, again and again while it grows.

    Nothing is stored, so `store` is false whatever was asked. Ids are the chat reply's own with the
    dialect's prefixes; where it has none, a digest of the request stands in.
    """

    def __init__(self, request: Translated) -> None:
        self._request = request
        self._id = ""
        self._model: Any = request.model
        self._created: Any = 0
        self._tier: Any = None
        self.usage: Mapping[str, Any] | None = None

    def note(self, chunk: Mapping[str, Any]) -> None:
        """Take id, model, time, tier and usage from a chunk or a completion."""
        if not self._id:
            given = chunk.get("id")
            self._id = given.removeprefix("chatcmpl-") if isinstance(given, str) and given else self._digest()
            self._model = chunk.get("model") or self._model
            self._created = chunk.get("created") or self._created
        self._tier = chunk.get("service_tier") or self._tier
        usage = chunk.get("usage")
        if isinstance(usage, dict) and usage:
            self.usage = usage

    def item_id(self, prefix: str, index: int) -> str:
        """The id of the output item at `index`."""
        return f"{prefix}_{self._id}_{index}"

    def whole(self, status: str, output: Sequence[Mapping[str, Any]], **fields: Any) -> dict[str, Any]:
        """The response object now. `fields` replaces single ones, such as `error`."""
        body = self._request.body
        tools = [tool for tool in body.get("tools") or () if not is_hosted(tool.get("type"))]
        response = {name: body.get(name) for name in _ECHOED} | {
            "id": f"resp_{self._id}",
            "object": "response",
            "created_at": self._created,
            "status": status,
            "background": False,
            "error": None,
            "incomplete_details": None,
            "metadata": body.get("metadata") or {},
            "model": self._model,
            "output": list(output),
            "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
            "previous_response_id": None,
            "store": False,
            "text": body.get("text") or {"format": {"type": "text"}},
            "tool_choice": body.get("tool_choice") or "auto",
            "tools": tools,
            "truncation": "disabled",
            "usage": usage_of(self.usage) if self.usage else None,
        }
        if self._tier is not None:
            response["service_tier"] = self._tier
        return response | fields

    def _digest(self) -> str:
        return blake2b(self._request.raw, digest_size=12).hexdigest()


def usage_of(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Chat's usage under the names of this dialect; counts we do not know ride along."""
    found = {_RENAMED.get(name, name): value for name, value in usage.items()}
    into, out = found.get("input_tokens_details"), found.get("output_tokens_details")
    counted = {"cached_tokens": 0, "cache_write_tokens": 0, **(into if isinstance(into, dict) else {})}
    thought = {"reasoning_tokens": 0, **(out if isinstance(out, dict) else {})}
    counts = {name: _number(found.get(name)) for name in ("input_tokens", "output_tokens")}
    total = _number(found.get("total_tokens")) or sum(counts.values())
    whole = {**found, **counts, "total_tokens": total}
    return whole | {"input_tokens_details": _counts(counted), "output_tokens_details": _counts(thought)}


def _number(value: object) -> int:
    """A count; 0 for what is none: an answer is not lost for what its server says it cost."""
    return value if type(value) is int else 0


def _counts(counts: Mapping[str, Any]) -> dict[str, Any]:
    """A count that was sent as null is 0, for clients demand a number."""
    return {name: 0 if value is None else value for name, value in counts.items()}
