"""The files of a new installation: written where nothing is, kept where something is."""

import asyncio
from pathlib import Path

import pytest

from router.cli.installation import write_new, write_taken_over
from router.config import load_config
from router.config.discover import Discovery, discover
from router.core.errors import SetupError

LITELLM = "model_list: [{model_name: gpt, litellm_params: {model: openai/gpt-5.2, api_key: os.environ/KEY, rpm: 5}}]\n"


@pytest.fixture(scope="module")
def nothing() -> Discovery:
    """A machine on which no model server runs."""
    return asyncio.run(discover(()))


def test_a_line_tells_of_each_file_and_the_configuration_reads(tmp_path: Path, nothing: Discovery) -> None:
    path = tmp_path / "config.yaml"
    lines = list(write_new(path, nothing, (), force=False))
    assert lines[0] == f"wrote {path}"
    assert lines[1:] == [f"wrote {policy}" for policy in sorted((tmp_path / "policies").iterdir())]
    assert load_config(path, environ={}).discover


def test_what_is_there_is_kept_unless_forced(tmp_path: Path, nothing: Discovery) -> None:
    mine = tmp_path / "policies" / "balanced.yaml"
    mine.parent.mkdir()
    mine.write_text("mine")
    assert f"kept {mine}" in list(write_new(tmp_path / "config.yaml", nothing, (), force=False))
    assert mine.read_text() == "mine"
    assert f"wrote {mine}" in list(write_new(tmp_path / "config.yaml", nothing, (), force=True))
    assert "otherwise:" in mine.read_text()


def test_what_could_not_be_taken_over_is_listed_last(tmp_path: Path, nothing: Discovery) -> None:
    source = tmp_path / "litellm.yaml"
    source.write_text(LITELLM)
    lines = list(write_taken_over(tmp_path / "config.yaml", source, nothing, force=False))
    (at,) = (n for n, line in enumerate(lines) if line.startswith("not carried over: "))
    assert lines[at].startswith(f"not carried over: {len(lines) - at - 1} ")
    assert any("litellm_params.rpm" in line for line in lines[at:])
    assert "gpt-5.2" in (tmp_path / "config.yaml").read_text()


@pytest.mark.parametrize("text", [None, "general_settings: {}\n"], ids=["no file", "no models"])
def test_a_file_that_gives_nothing_writes_nothing(text: str | None, tmp_path: Path, nothing: Discovery) -> None:
    source = tmp_path / "litellm.yaml"
    if text is not None:
        source.write_text(text)
    with pytest.raises(SetupError):
        list(write_taken_over(tmp_path / "config.yaml", source, nothing, force=False))
    assert not (tmp_path / "config.yaml").exists()
