"""The short hash that tells two configurations apart without revealing their secrets."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, structs

LENGTH = 12
LEFT_OUT = frozenset({"path", "digest", "warnings", "files", "stamp"})
SECRET = frozenset({"key", "admin_key"})
NAMES_ONLY = frozenset({"headers", "query"})


def digest_of(config: object) -> str:
    """Return the first 12 hex characters of the SHA-256 over the canonical content of the record *config*.

    Of a secret it counts only whether there is one, of headers and query parameters only their names: a rotated key is
    the same configuration, and no key can be guessed from the hash.
    """
    canonical = json.dumps(_plain(config), sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:LENGTH]


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) or isinstance(value, Struct):
        named = structs.fields(value) if isinstance(value, Struct) else dataclasses.fields(value)
        fields = {field.name: getattr(value, field.name) for field in named}
        return {name: _value(name, item) for name, item in fields.items() if name not in LEFT_OUT}
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted(map(str, value))
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _value(name: str, value: Any) -> Any:
    if name in SECRET:
        return value is not None
    if name in NAMES_ONLY:
        return sorted(value)
    return _plain(value)
