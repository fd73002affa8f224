"""A mapping of the file: values of the right kind, mistakes with their place, and no secret in any message."""

from pathlib import Path

import pytest

from router.config.document import read_document
from router.config.references import Outside, resolve
from router.config.section import Findings, Section, nearest


def section(text: str) -> Section:
    return Section(read_document(text.encode(), "config.yaml"), "", Findings("config.yaml"))


def messages(read: Section) -> list[tuple[str, str]]:
    return [(problem.path, problem.message) for problem in read.findings.problems]


def test_what_is_absent_or_empty_is_the_default_and_no_mistake() -> None:
    read = section("name:\n")
    assert (read.text("name", "x"), read.text("other"), read.integer("count", 3)) == ("x", None, 3)
    assert (read.truth("on", True), read.number("wait_s", 1.5), read.entries("names")) == (True, 1.5, ())
    assert messages(read) == []


def test_values_are_read_as_what_they_are() -> None:
    read = section("{name: a, count: 7, price: 0.10, on: yes, mode: act, names: [a, b]}")
    assert (read.text("name"), read.integer("count", 0), read.truth("on", False)) == ("a", 7, True)
    assert str(read.decimal("price")) == "0.10"
    assert read.choice("mode", ("observe", "act"), "observe") == "act"
    assert [node.text for node in read.entries("names")] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "wrong", "message"),
    [
        ("name: 7", lambda read: read.text("name"), "must be text, not '7'"),
        ("count: -1", lambda read: read.integer("count", 0), "must be a whole number from 0 to 2147483648, not '-1'"),
        ("price: .inf", lambda read: read.decimal("price"), "must be a number, not '.inf'"),
        ("wait_s: 0", lambda read: read.number("wait_s", 1.0), "must be over 0 and at most 1e+09"),
        ("on: perhaps", lambda read: read.truth("on", False), "must be true or false, not 'perhaps'"),
        ("mode: atc", lambda read: read.choice("mode", ("act",), "act"), "'atc' is not one of its values"),
        ("names: a", lambda read: read.entries("names"), "must be a list of words"),
        ("name: [a]", lambda read: read.text("name"), "must be a single value"),
        ("{}", lambda read: read.required("name", "add it"), "is missing"),
    ],
)
def test_a_value_of_the_wrong_kind_is_a_mistake_at_its_place(text: str, wrong, message: str) -> None:  # type: ignore[no-untyped-def]
    read = section(text)
    wrong(read)
    ((path, said),) = messages(read)
    assert said == message
    assert path in text or text == "{}"


def test_a_key_that_nobody_asked_for_is_named_with_what_was_meant() -> None:
    read = section("{naem: a, b: 1}")
    read.text("name")
    read.close("see the docs")
    assert [(problem.path, problem.remedy) for problem in read.findings.problems] == [
        ("naem", "did you mean 'name'?"),
        ("b", "see the docs"),
    ]
    assert read.misspelt("name")


def test_paths_lead_from_the_top_of_the_file() -> None:
    read = section("{a: {b: {c: []}}}").section("a").section("b")
    read.text("c")
    assert [path for path, _ in messages(read)] == ["a.b.c"]


def test_what_a_reference_resolved_to_is_never_quoted() -> None:
    node = read_document(b"count: ${SECRET}", "config.yaml")
    read = Section(resolve(node, Outside({"SECRET": "hunter2"}, Path())), "", Findings("config.yaml"))
    read.integer("count", 0)
    ((_, message),) = messages(read)
    assert "hunter2" not in message
    assert "SECRET" in message


def test_the_nearest_word_is_meant_or_the_other_remedy_is_given() -> None:
    assert nearest("blanced", {"balanced", "cheap"}, "no") == "did you mean 'balanced'?"
    assert nearest("xyz", {"balanced"}, "no") == "no"
