"""Reading what a client sent: the value at a place, or an error that names the place."""

from collections.abc import Mapping, Sequence
from typing import Any

from router.core.errors import BadRequest


def mapping(value: object, place: str) -> Mapping[str, Any]:
    """`value` as an object. Raises BadRequest naming `place`."""
    if not isinstance(value, dict):
        raise BadRequest(f"`{place}` must be an object.", param=place, code="invalid_type")
    return value


def text(value: object, place: str) -> str:
    """`value` as a string. Raises BadRequest naming `place`."""
    if not isinstance(value, str):
        raise BadRequest(f"`{place}` must be a string.", param=place, code="invalid_type")
    return value


def sequence(value: object, place: str) -> Sequence[Any]:
    """`value` as a list. Raises BadRequest naming `place`."""
    if not isinstance(value, list):
        raise BadRequest(f"`{place}` must be a list.", param=place, code="invalid_type")
    return value


def mapping_or_empty(value: object) -> Mapping[str, Any]:
    """What an upstream sent as an object, empty where it is none."""
    return value if isinstance(value, dict) else {}


def mappings_in(value: object) -> list[Mapping[str, Any]]:
    """The objects in what an upstream sent as a list, none where it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def unsupported(place: str, remedy: str) -> BadRequest:
    """The error for what is well formed but cannot be said in the other dialect."""
    return BadRequest(f"`{place}` cannot be carried to this model. {remedy}", param=place, code="unsupported_parameter")


def unknown(place: str, kind: object, known: str) -> BadRequest:
    """The error for a content type that is not known."""
    shown = kind if isinstance(kind, str) else "none"
    return BadRequest(
        f"`{place}.type` is {shown[:40]!r}, which is not known here. Send {known}.", param=place, code="invalid_value"
    )
