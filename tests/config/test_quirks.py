"""The row's word on how its server's dialect differs."""

import pytest

from router.config.quirks import read_quirks
from router.core.upstream import Quirks
from tests.config.conftest import Desk


def row(desk: Desk, quirks: str) -> str:
    return desk.pair + f"  third: {{kind: openai, url: 'http://127.0.0.1:1/v1', model: m, quirks: {quirks}}}\n"


def test_what_is_left_out_is_found_out(desk: Desk) -> None:
    assert desk.load(row(desk, "{}")).upstreams["third"].quirks == Quirks()
    assert read_quirks.__doc__


def test_every_word_is_read(desk: Desk) -> None:
    written = "{family: ollama, limit: max_tokens, developer: system, rejects: [store, user], lacks: [vision, n]}"
    assert desk.load(row(desk, written)).upstreams["third"].quirks == Quirks(
        "ollama", "max_tokens", "system", frozenset({"store", "user"}), frozenset({"vision", "n"})
    )


@pytest.mark.parametrize(
    ("quirks", "path", "said"),
    [
        ("{family: olama}", "family", "did you mean 'ollama'?"),
        ("{limit: max}", "limit", "is not one of its values"),
        ("{developer: user}", "developer", "is not one of its values"),
        ("{lacks: [visions]}", "lacks", "did you mean 'vision'?"),
        ("{rejects: [messages]}", "rejects", "'messages' cannot be rejected"),
        ("{reject: [store]}", "reject", "did you mean 'rejects'?"),
    ],
)
def test_a_wrong_word_is_told_with_its_place(desk: Desk, quirks: str, path: str, said: str) -> None:
    (problem,) = desk.problems(row(desk, quirks))
    assert problem.path == f"upstreams.third.quirks.{path}"
    assert said in str(problem)
