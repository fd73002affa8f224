"""The digest tells configurations apart, and never by their secrets."""

import pytest

from tests.config.conftest import Desk


def test_the_same_file_has_the_same_twelve_hex_characters(desk: Desk) -> None:
    digest = desk.load(desk.pair).digest
    assert len(digest) == 12
    assert int(digest, 16) >= 0
    assert desk.load("# a comment\n" + desk.pair).digest == digest


@pytest.mark.parametrize(
    "line",
    [
        "reply_model: requested",
        "listen: {port: 4001}",
        "baseline: small",
        "limits: {body_mb: 1}",
        "admin_key: ${K}",
        "premises: [a]",
    ],
)
def test_another_content_has_another_digest(desk: Desk, line: str) -> None:
    assert desk.load(f"{desk.pair}{line}\n", K="k").digest != desk.load(desk.pair).digest


def test_a_changed_price_has_another_digest_and_a_changed_secret_the_same(desk: Desk) -> None:
    text = desk.server(key="${KEY}")
    digest = desk.load(text, KEY="one").digest
    assert desk.load(text, KEY="two").digest == digest
    assert desk.load(desk.server(key="${KEY}", price="unknown"), KEY="one").digest != digest
