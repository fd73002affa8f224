"""Which file of a repository is meant, and whether it is what the hub says."""

import hashlib
from pathlib import Path

import pytest

from router.cli.hub_file import HubFile, HubProblem, chosen, sized, split_name


def files(*names: str) -> list[HubFile]:
    return [HubFile("o/r", "c", name, 10, None) for name in names]


def test_a_name_is_a_repository_and_perhaps_a_file() -> None:
    assert split_name("owner/name") == ("owner/name", None)
    assert split_name("owner/name:a-q4.gguf") == ("owner/name", "a-q4.gguf")


@pytest.mark.parametrize(
    ("names", "wanted", "found"),
    [
        (("a.gguf", "README.md"), None, ["a.gguf"]),
        (("a-q8_0.gguf", "a-Q4_K_M.gguf"), None, ["a-Q4_K_M.gguf"]),
        (("a-q8_0.gguf", "a-q4_k_m.gguf"), "a-q8_0.gguf", ["a-q8_0.gguf"]),
        (("a-q8_0.gguf", "a-q4_k_m.gguf"), "Q8", ["a-q8_0.gguf"]),
        (
            ("big-00002-of-00002.gguf", "big-00001-of-00002.gguf"),
            None,
            ["big-00001-of-00002.gguf", "big-00002-of-00002.gguf"],
        ),
    ],
)
def test_the_file_meant_is_found(names: tuple[str, ...], wanted: str | None, found: list[str]) -> None:
    assert [file.name for file in chosen(files(*names), wanted)] == found


@pytest.mark.parametrize(
    ("names", "wanted", "words"),
    [
        (("README.md",), None, "has no .gguf file"),
        (("a-q8_0.gguf", "a-q5_0.gguf"), None, "several files would do"),
        (("a.gguf",), "b.gguf", "nothing is called 'b.gguf'"),
        (("a-q8_0.gguf", "b-q8_0.gguf"), "q8", "several files would do"),
    ],
)
def test_what_is_not_clear_is_asked_back_with_what_there_is(
    names: tuple[str, ...], wanted: str | None, words: str
) -> None:
    with pytest.raises(HubProblem, match=words):
        chosen(files(*names), wanted)


def test_a_file_is_held_against_size_sort_and_checksum(tmp_path: Path) -> None:
    content = b"GGUF and more"
    path = tmp_path / "a.gguf"
    digest = hashlib.sha256(content).hexdigest()
    for given, size, sha, words in (
        (content, len(content), digest, ""),
        (content, 99, digest, "should have 99"),
        (b"<html>", 6, digest, "not a GGUF file"),
        (content, len(content), "0" * 64, "SHA-256 is not the hub's"),
    ):
        path.write_bytes(given)
        file = HubFile("o/r", "c", "a.gguf", size, sha)
        if not words:
            file.check(path)
            assert path.exists()
            continue
        with pytest.raises(HubProblem, match=words):
            file.check(path)
        assert not path.exists()


@pytest.mark.parametrize(("count", "text"), [(999, "999 bytes"), (2_100_000, "2.1 MB"), (4_000_000_000, "4.0 GB")])
def test_sizes_are_written_for_people(count: int, text: str) -> None:
    assert sized(count) == text
