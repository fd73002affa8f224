"""Reading a client's body: wrong values are refused with their place, what is left out is noted."""

from collections.abc import Mapping, Sequence
from typing import Any

from router.core.dialects.body import body_in
from router.core.errors import BadRequest

MAX_MODEL = 200


class Reading:
    """What reading one body found that the chat dialect cannot carry.

    `native` is for an upstream that speaks the client's own dialect and gets the bytes as they came:
    what would be refused is then only noted, for the chat body is no more than something to decide by.
    """

    def __init__(self, *, native: bool = False) -> None:
        self._stripped: dict[str, None] = {}
        self._native = native

    @property
    def stripped(self) -> list[str]:
        """The places that were left out of the chat body, each once."""
        return list(self._stripped)

    def leave_out(self, place: str) -> None:
        """Note that `place` is left out of the chat body."""
        self._stripped[place] = None

    def unknown(self, place: str, expected: str) -> None:
        """Raise BadRequest for an unknown kind; natively, note it as left out: the upstream may know it."""
        if not self._native:
            raise wrong(place, expected, "invalid_value")
        self.leave_out(place)

    @property
    def native(self) -> bool:
        """Whether the upstream gets the bytes as they came."""
        return self._native

    def refuse(self, place: str, why: str) -> None:
        """Raise BadRequest for `place`, which changes the answer if left out; natively, leave it out."""
        if not self._native:
            raise BadRequest(f"`{place}` is not supported here: {why}", param=place, code="unsupported_parameter")
        self.leave_out(place)


def object_in(raw: bytes) -> dict[str, Any]:
    """The JSON object in `raw`. Raises BadRequest when there is none, or a key stands twice."""
    body = body_in(raw)
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object. Send one with `model`.", code="invalid_json")
    return body


def model_in(body: Mapping[str, Any]) -> str:
    """The model named. Raises BadRequest when none is, or a longer one than anything here is called."""
    model = body.get("model")
    if not isinstance(model, str) or not model:
        message = '`model` must be a string, for example "auto".'
        raise BadRequest(message, param="model", code="missing_required_parameter")
    if len(model) > MAX_MODEL:
        message = f"`model` may have at most {MAX_MODEL} characters."
        raise BadRequest(message, param="model", code="string_above_max_length")
    return model


def missing(place: str, expected: str) -> BadRequest:
    """The error for something that must be there and is not."""
    return BadRequest(f"`{place}` must be {expected}.", param=place, code="missing_required_parameter")


def wrong(place: str, expected: str, code: str = "invalid_type") -> BadRequest:
    """The error for a value that is not what is expected at `place`."""
    return BadRequest(f"`{place}` must be {expected}.", param=place, code=code)


def text_at(value: object, place: str) -> str:
    """`value` as a string, or BadRequest naming the place."""
    if not isinstance(value, str):
        raise wrong(place, "a string")
    return value


def mapping_at(value: object, place: str) -> Mapping[str, Any]:
    """`value` as an object, or BadRequest naming the place."""
    if not isinstance(value, dict):
        raise wrong(place, "an object")
    return value


def list_at(value: object, place: str) -> Sequence[Any]:
    """`value` as a list, or BadRequest naming the place."""
    if not isinstance(value, list):
        raise wrong(place, "a list")
    return value


def flag_in(body: Mapping[str, Any], name: str) -> bool:
    """An optional boolean: absent and null are false."""
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise wrong(name, "a boolean")
    return bool(value)


def count_in(body: Mapping[str, Any], name: str) -> int | None:
    """An optional integer ≥ 0; null is None."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise wrong(name, "a non-negative integer")
    return value


def options_in(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An optional object; null is empty."""
    value = body.get(name)
    return {} if value is None else mapping_at(value, name)
