"""Keys: long, random, recognisable, and stored as what cannot be turned back."""

import re

import pytest

from router.core.keys import ANYONE, Key, digest, mint, prefix_of


def test_a_key_says_whose_it_is_and_is_as_long_as_its_chance() -> None:
    assert re.fullmatch(r"sf-[A-Za-z0-9_-]{43}", mint(bytes(range(32))))


def test_other_bytes_make_another_key() -> None:
    assert mint(bytes(32)) != mint(bytes([1] * 32))


def test_too_little_chance_is_refused() -> None:
    with pytest.raises(ValueError, match="32 random bytes"):
        mint(bytes(31))


def test_what_is_stored_is_a_digest_that_holds_no_part_of_the_key() -> None:
    token = mint(bytes(range(32)))
    assert re.fullmatch(r"[0-9a-f]{64}", digest(token))
    assert token[3:11] not in digest(token)


def test_no_token_has_the_digest_of_the_open_mode() -> None:
    assert ANYONE.digest == ""
    assert Key(id="open", name="open", digest="") == ANYONE


@pytest.mark.parametrize(
    ("path", "may"), [("files", True), ("files/f-1/content", True), ("filesystem", False), ("audio", False)]
)
def test_a_scope_opens_what_lies_under_its_prefix(path: str, may: bool) -> None:
    assert Key("1", "ada", "d", scopes=("passthrough:files",)).may_pass(path) is may
    assert not Key("1", "ada", "d").may_pass(path)


def test_a_prefix_may_be_written_with_v1_before_it() -> None:
    assert prefix_of("passthrough:/v1/audio/speech/") == "audio/speech"
    assert prefix_of("passthrough:..") is None
