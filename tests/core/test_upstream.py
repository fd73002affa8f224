"""What an upstream's records must never do: show a secret."""

from router.core.upstream import Call, UpstreamSpec


def test_no_repr_of_a_row_shows_its_key_headers_or_query() -> None:
    spec = UpstreamSpec("big", "openai", "gpt", key="sk-one", headers={"x-auth": "sk-two"}, query={"sig": "sk-three"})
    assert "sk-" not in repr(spec)
    assert "big" in repr(spec)


def test_no_repr_of_a_call_shows_the_callers_key_or_words() -> None:
    call = Call("a", b'{"messages": "sk-words"}', {"messages": "sk-words"}, key="sk-one", headers={"x-auth": "sk-two"})
    assert "sk-" not in repr(call)
