"""An endpoint is reached as its row says, and a row that says nothing sensible is a mistake with its key."""

from pathlib import Path

import pytest

from router.core.errors import SetupError
from router.core.upstream import UpstreamSpec
from router.upstreams import build
from tests.conftest import Scripted
from tests.upstreams.conftest import Built, asked


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "ftp://host/v1", "http://"])
def test_an_address_that_is_none_is_a_mistake_in_the_config(url: str) -> None:
    with pytest.raises(SetupError, match=r"upstreams\.small\.url"):
        build(UpstreamSpec("small", "openai", "m", url=url))


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_certificates_that_cannot_be_read_are_a_mistake_in_the_config(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SetupError, match=r"upstreams\.small\.ca"):
        build(UpstreamSpec("small", "openai", "m", url="https://host/v1", options={"ca": str(path)}))


async def test_a_proxy_is_asked_for_the_whole_address(built: Built, scripted: Scripted) -> None:
    proxy = scripted()
    await built(url="http://far.invalid/v1", options={"proxy": f"http://127.0.0.1:{proxy.port}"}).send(asked())
    assert proxy.requests[0].target == "http://far.invalid/v1/chat/completions"


def test_a_header_that_would_become_two_is_refused_at_the_start() -> None:
    with pytest.raises(SetupError, match="x-team"):
        build(UpstreamSpec("up", "openai", "m", "http://127.0.0.1:1/v1", headers={"x-team": "a\r\nb: c"}))


async def test_a_rows_own_content_type_goes_with_its_bodies_once(built: Built, scripted: Scripted) -> None:
    server, named = scripted(), "application/json; charset=utf-8"
    await built(url=server.url, headers={"Content-Type": named}).send(asked())
    assert server.requests[0].headers["content-type"] == named
