"""Whose secrets never show."""

from router.core.redact import redacted
from router.core.upstream import UpstreamSpec

SPEC = UpstreamSpec(
    "big", "openai", "m", key="sk-1", headers={"api-key": "az-2", "x-team": "mail"}, query={"token": "q-3"}
)


def test_the_key_and_what_is_named_like_one_are_taken_out() -> None:
    assert redacted(SPEC, b"sk-1 az-2 q-3 mail") == b"[key] [key] [key] mail"
