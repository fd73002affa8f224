"""`${NAME}`, `${NAME:-default}` and `${file:PATH}`."""

from pathlib import Path

import pytest

from router.config.document import Node, read_document
from router.config.references import MALFORMED, MAX_SECRET_BYTES, Outside, resolve


def resolved(text: str, folder: Path, **environ: str) -> Node:
    return resolve(Node("text", 1, text), Outside(environ, folder))


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("${NAME}", "value"),
        ("a ${NAME} b ${NAME}", "a value b value"),
        ("${NAME:-other}", "value"),
        ("${NONE:-other}", "other"),
        ("${EMPTY:-other}", "other"),
        ("${NONE:-}", ""),
        ("${NONE:-a:-b}", "a:-b"),
        ("$NAME $$ {NAME}", "$NAME $$ {NAME}"),
        ("${INDIRECT}", "${NAME}"),
    ],
)
def test_a_reference_becomes_the_value_once(tmp_path: Path, written: str, text: str) -> None:
    node = resolved(written, tmp_path, NAME="value", EMPTY="", INDIRECT="${NAME}")
    assert (node.text, node.unset) == (text, ())


@pytest.mark.parametrize(
    ("written", "unset"),
    [
        ("${NONE}", "NONE"),
        ("${EMPTY}", "EMPTY"),
        ("${file:gone}", "file gone"),
        ("${NA ME}", MALFORMED),
        ("${}", MALFORMED),
        ("${NAME", MALFORMED),
        ("${env:NAME}", MALFORMED),
    ],
)
def test_what_is_not_found_is_named(tmp_path: Path, written: str, unset: str) -> None:
    assert resolved(written, tmp_path, EMPTY="", NAME="value").unset == (unset,)


def test_a_file_is_read_from_beside_the_configuration_without_its_last_line_end(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\r\n", encoding="utf-8")
    assert resolved("${file:key}", tmp_path).text == "s3cret"
    assert resolved(f"${{file:{tmp_path}/key}}", Path("/")).text == "s3cret"


@pytest.mark.parametrize("content", [b"x" * (MAX_SECRET_BYTES + 1), b"\xff\xfe"])
def test_a_file_too_large_or_no_text_is_not_taken(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    assert resolved("${file:key}", tmp_path).unset == ("file key",)


def test_keys_are_never_resolved(tmp_path: Path) -> None:
    root = read_document(b"'${NAME}': ['${NAME}']", "c.yaml")
    node = resolve(root, Outside({"NAME": "value"}, tmp_path))
    assert list(node.pairs) == ["${NAME}"]
    assert node.pairs["${NAME}"].items[0].text == "value"


def test_a_resolved_value_does_not_show_in_a_repr(tmp_path: Path) -> None:
    assert "value" not in repr(resolved("${NAME}", tmp_path, NAME="value"))
