"""YAML to values with their places, and the YAML that no policy needs."""

import pytest

from policies.document import Entry, Notes, read_document
from policies.problems import PolicyErrors


def read(text: str) -> Entry:
    notes = Notes("test.yaml")
    document = read_document(text, notes)
    assert not notes.problems
    return document


def test_every_value_knows_its_line_and_key_path() -> None:
    document = read("a: 1\nb:\n  - c: x\n    d: [true, 2.5]\n")
    assert document.plain() == {"a": 1, "b": [{"c": "x", "d": [True, 2.5]}]}
    assert isinstance(document.value, dict)
    inner = document.value["b"].value[0].value["d"].value[1]
    assert (inner.line, inner.path, inner.text) == (4, "b[0].d[1]", "2.5")


def test_an_alias_stands_for_its_value() -> None:
    assert read("a: &p [small, big]\nb: *p\n").plain() == {"a": ["small", "big"], "b": ["small", "big"]}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "the file is empty"),
        ("# only a comment", 1, "the file is empty"),
        ("a: 1\nb: [", 2, "is not valid YAML"),
        ("a: 1\n---\nb: 2", 2, "is not valid YAML"),
        ("a: *nobody", 1, "is not valid YAML"),
        ("a: \x07", 1, "is not valid YAML"),
        ("a: !!python/object/apply:os.system [ls]", 1, "the tag"),
        ("a: 1\nb: !mine 2", 2, "the tag"),
        ("a: &x [*x]", 1, "an alias leads back"),
        ("a: &x 1\nb: [" + "*x, " * 20 + "]", 2, "too many aliases"),
        ("a: " + "[" * 40 + "]" * 40, 1, "nested too deeply"),
        ("a: [" + "1," * 21_000 + "]", 1, "too many values"),
        ("a: " + "x" * 1_000_001, 1, "larger than 1 MB"),
        ("".join(f"k{i}: &a{i} [{f'*a{i - 1}, ' * 2 if i else '1, ' * 9000}]\n" for i in range(5)), 1, "aliases make"),
    ],
)
def test_what_no_policy_needs_is_refused(text: str, line: int, message: str) -> None:
    with pytest.raises(PolicyErrors, match=message) as caught:
        read_document(text, Notes("test.yaml"))
    problem = caught.value.problems[0]
    assert problem.line == line
    assert problem.remedy


@pytest.mark.parametrize(
    ("text", "line", "path", "message"),
    [
        ("a: 1\nb: 2\na: 3", 3, "a", "'a' is written twice"),
        ("a:\n  [1]: 2", 2, "a.?", "a key must be a word"),
        ("a: 2026-99-99", 1, "a", "'2026-99-99' cannot be read as a value"),
    ],
)
def test_what_is_doubtful_is_noted_and_reading_goes_on(text: str, line: int, path: str, message: str) -> None:
    notes = Notes("test.yaml")
    assert isinstance(read_document(text, notes).value, dict)
    problem = notes.problems[0]
    assert (problem.line, problem.path, problem.message) == (line, path, message)
