"""What an upstream's records must never do: show a secret."""

from router.core.upstream import UpstreamSpec


def test_no_repr_of_a_row_shows_its_key_headers_or_query() -> None:
    spec = UpstreamSpec("big", "openai", "gpt", key="sk-one", headers={"x-auth": "sk-two"}, query={"sig": "sk-three"})
    assert "sk-" not in repr(spec)
    assert "big" in repr(spec)
