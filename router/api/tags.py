"""Tags: what a client says of its request by `x-router-tags`, and by OpenAI's own `metadata`."""

from collections.abc import Mapping
from typing import Any
from unicodedata import normalize

from router.core.errors import BadRequest

HEADER = "x-router-tags"
MAX_TAGS = 16
MAX_NAME, MAX_VALUE = 64, 200
USER = "user_id"
LABEL = 64  # a longer value of `metadata` is content, which the ledger does not hold


def tags_of(text: str) -> dict[str, str]:
    """The header's values by name; those of one name in one text, with commas, which no single value holds.

    Raises BadRequest for what is no list of NAME=VALUE.
    """
    if not text:
        return {}
    try:
        text = normalize("NFC", text.encode("latin-1").decode())  # what `policies` and `egress` are written in
    except UnicodeError:
        raise BadRequest(f"`{HEADER}` must be UTF-8.", param=HEADER, code="invalid_header") from None
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    if len(pairs) > MAX_TAGS or not all(name.strip() and sign for name, sign, _ in pairs):
        message = f"`{HEADER}` is NAME=VALUE, separated by commas, at most {MAX_TAGS}."
        raise BadRequest(message, param=HEADER, code="invalid_header")
    tags: dict[str, dict[str, None]] = {}
    for name, _, value in pairs:
        tags.setdefault(name.strip()[:MAX_NAME], {})[value.strip()[:MAX_VALUE]] = None
    return {name: ",".join(values) for name, values in tags.items()}


def with_metadata(tags: Mapping[str, str], said: object) -> Mapping[str, str]:
    """The header's tags with those of `said`, a body's `metadata`; where both name one, both values count.

    Taken as they are: what is no tag there is no mistake, since `metadata` is the upstream's field.
    """
    if not isinstance(said, dict):
        return tags
    joined = dict(tags)
    for name, value in list(said.items())[:MAX_TAGS]:
        if isinstance(value, str) and 0 < len(name) <= MAX_NAME and len(value) <= LABEL:
            name, value = normalize("NFC", name.strip()), normalize("NFC", value.strip())
            joined[name] = f"{joined[name]},{value}" if joined.get(name, value) != value else value
    return joined


def metadata_of(dialect: str, body: Mapping[str, Any]) -> object:
    """The `metadata` of a body of `dialect`, but for Anthropic's name of the user, whom the ledger keeps apart."""
    said = body.get("metadata")
    if dialect != "messages" or not isinstance(said, dict):
        return said
    return {name: value for name, value in said.items() if name != USER}
