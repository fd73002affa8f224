"""A YAML file as a tree: forms, lines, and what is refused before anything is read from it."""

import pytest

from router.config.document import MAX_BYTES, Node, read_document
from router.core.errors import SetupError


def test_scalars_keep_their_text_and_what_yaml_took_them_for() -> None:
    root = read_document(b"a: 0.10\nb: yes\nc:\nd: '4'\ne: 2026-01-01\nf: [x, {g: 1}]\n", "c.yaml")
    forms = {key: (node.form, node.text, node.line) for key, node in root.pairs.items()}
    assert forms == {
        "a": ("number", "0.10", 1),
        "b": ("truth", "yes", 2),
        "c": ("nothing", "", 3),
        "d": ("text", "4", 4),
        "e": ("text", "2026-01-01", 5),
        "f": ("list", "", 6),
    }
    assert root.pairs["f"].items[1].pairs["g"].text == "1"


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert list(read_document(b"\xef\xbb\xbfa: 1", "c.yaml").pairs) == ["a"]


@pytest.mark.parametrize("node", [Node("nothing", 1), Node("text", 1, "", source="${X:-}")])
def test_nothing_written_and_a_reference_that_came_back_empty_are_empty(node: Node) -> None:
    assert node.empty


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"", None, "the file is empty"),
        (b" \n", None, "the file is empty"),
        (b"\xff\xfe\xff", None, "the file is not UTF-8"),
        (b"a: 1\na: 2\n", 2, "twice"),
        (b"a:\n  b: {\n", 3, "is not valid YAML"),
        (b"a: 1\nb: !!python/object:os.system x\n", 2, "tag"),
        (b"? [a]\n: 1\n", 1, "a key must be a word"),
        (b"x" * (MAX_BYTES + 1), None, "over 1 MB"),
        (b"a: &a [1]\nb: [" + b"*a, " * 40 + b"]\n", 2, "too many aliases"),
        (b"a: " + b"[" * 60 + b"]" * 60, 1, "too deeply"),
        (b"a: &a [*a]\n", 1, "an alias leads back to itself"),
    ],
)
def test_what_is_no_document_is_told_with_its_line(data: bytes, line: int | None, message: str) -> None:
    with pytest.raises(SetupError) as caught:
        read_document(data, "c.yaml")
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("c.yaml", line)
    assert message in problem.message
    assert problem.remedy
