"""Programs written differently and meant alike compare equal; nothing is run, and no text breaks the parser."""

import pytest

from classifier.values_code import code_in


def block(code: str, language: str = "python") -> str:
    return f"Here you are:\n```{language}\n{code}\n```\nDone."


ADD = block("def add(a, b):\n    return a + b")


@pytest.mark.parametrize(
    "same",
    [
        block("# adds\ndef add(first,second):\n  return first+second", "py"),
        block('def add(x: int, y: int) -> int:\n    """Adds."""\n    return (x + y)'),
        block("def add(a, b):\r\n    return a + b\r\n\r\nprint(add(1, 2))", ""),
        block("def add(a, b):\n    return a + b\n\nif __name__ == '__main__':\n    add(1, 2)"),
    ],
)
def test_names_of_locals_form_and_examples_do_not_count(same: str) -> None:
    assert code_in(same) == code_in(ADD) is not None


@pytest.mark.parametrize(
    "other",
    [
        block("def add(a, b):\n    return b + a"),
        block("def plus(a, b):\n    return a + b"),
        block("def add(a, b):\n    return a - b"),
        block("def add(a, b=0):\n    return a + b"),
        block("import math\ndef add(a, b):\n    return a + b"),
    ],
)
def test_what_a_program_does_and_is_called_by_counts(other: str) -> None:
    assert code_in(other) != code_in(ADD)


def test_a_local_is_not_taken_for_a_name_from_outside() -> None:
    assert code_in(block("def f(a):\n    return a + v0")) != code_in(block("def f(a):\n    return a + a"))


def test_another_language_compares_without_blanks_and_comments() -> None:
    one = block("// adds\nfunction add(a, b) {\n  return a + b }", "js")
    assert code_in(one) == code_in(block("function add(a,b){return a+b}", "js")) is not None


@pytest.mark.parametrize("text", ["def add", "", "```\n```", "```python\n# nothing\n```"])
def test_without_code_there_is_nothing_to_compare(text: str) -> None:
    assert code_in(text) is None


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    return " + "(" * 5_000 + ")" * 5_000,
        "def f():\n    return " + "-" * 15_000 + "1",
        "def f():\n    return " + "not " * 5_000 + "1",
        "def f():\n    return " + "lambda:" * 2_500 + "1",
        "def f():\n    return a" + ".b" * 9_000,
        "def f():\n    return a" + "[0]" * 6_000,
        "def f():\n    return 1" + "+1" * 9_000,
        "def f():\n    return 1" + " if a else 1" * 1_600,
        "def f():\n    return '" + "\0" * 10,
        "".join(" " * n + "if a:\n" for n in range(150)) + " " * 150 + "b",
        "def f():\n" + "".join("\t" * n + "for i in a:\n" for n in range(1, 90)) + "\t" * 90 + "b",
        "def f():\n    return \ud800",
    ],
)
def test_code_as_deep_as_one_likes_is_read_or_left_as_written(code: str) -> None:
    code_in(block(code.encode("utf-8", "replace").decode()))
