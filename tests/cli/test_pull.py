"""`smallfirst pull` against a stand-in for a hub on loopback."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from router.cli import pull
from router.config import load_config
from tests.cli.conftest import PAIR, Shell
from tests.standins.hub import COMMIT, HubServer

pytest.importorskip("huggingface_hub", reason='NOT TESTED: pip install "smallfirst[hub]"')
TINY = b"GGUF" + bytes(range(256)) * 8


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub with one small file; whoever runs the tests keeps a token of a real one to himself."""
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    with HubServer({"tiny.gguf": TINY, "README.md": b"# tiny"}) as server:
        yield server


def test_the_only_model_of_a_repository_is_pulled_checked_and_shown_as_a_row(shell: Shell, hub: HubServer) -> None:
    said = shell.run(pull, "pull", hub.repo, "--endpoint", hub.url)
    assert said.status == 0, said.err
    assert (shell.folder / "models" / "tiny.gguf").read_bytes() == TINY
    assert f"{hub.repo} at {COMMIT[:12]}: 2.1 kB" in said.out
    assert 'small: {kind: llamacpp, gguf: "models/tiny.gguf", price: free}' in said.out


def test_the_row_shown_loads(shell: Shell, hub: HubServer) -> None:
    row = shell.run(pull, "pull", hub.repo, "--endpoint", hub.url).out.splitlines()[-1]
    big = "  big: {kind: recorded, recording: builtin, price: {input: 2.50, output: 10.00}}\n"
    config = load_config(shell.write(f"upstreams:\n{row}\n{big}"), environ={})
    assert config.upstreams["small"].options["gguf"] == str(shell.folder / "models" / "tiny.gguf")


def test_endpoint_and_folder_may_stand_in_the_configuration(shell: Shell, hub: HubServer) -> None:
    shell.write(PAIR + f"hub: {{endpoint: '{hub.url}', folder: weights}}\n")
    assert shell.run(pull, "pull", f"{hub.repo}:tiny.gguf").status == 0
    assert (shell.folder / "weights" / "tiny.gguf").exists()


def test_what_is_there_already_is_not_downloaded_again(shell: Shell, hub: HubServer) -> None:
    shell.run(pull, "pull", hub.repo, "--endpoint", hub.url)
    before = len(hub.paths)
    assert shell.run(pull, "pull", hub.repo, "--endpoint", hub.url).status == 0
    assert [path for path in hub.paths[before:] if "resolve" in path and not path.startswith("/api")] in (
        [],
        hub.paths[-1:],
    )


def test_a_download_that_breaks_off_goes_on_where_it_stopped(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    content = b"GGUF" + bytes(24 * 2**20)
    with HubServer({"big.gguf": content}) as hub:
        hub.breaks_after(15_000_000)
        said = shell.run(pull, "pull", hub.repo, "--endpoint", hub.url)
        assert said.status == 0, said.err
        assert hub.ranges == ["bytes=10485760-"]
    assert (shell.folder / "models" / "big.gguf").stat().st_size == len(content)


@pytest.mark.parametrize("lfs", [True, False], ids=["lfs", "git"])
def test_a_file_whose_checksum_is_wrong_is_taken_away(lfs: bool, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    with HubServer({"tiny.gguf": TINY}, lfs=lfs) as hub:
        hub.files["tiny.gguf"] = TINY[:-1] + b"!"
        said = shell.run(pull, "pull", hub.repo, "--endpoint", hub.url)
    assert (said.status, "is not the hub's; the file was removed" in said.err) == (1, True)
    assert not (shell.folder / "models" / "tiny.gguf").exists()


def test_a_page_instead_of_a_model_is_no_model(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    with HubServer({"tiny.gguf": b"<!doctype html>"}) as hub:
        said = shell.run(pull, "pull", hub.repo, "--endpoint", hub.url)
    assert (said.status, "it is not a GGUF file" in said.err) == (1, True)


def test_a_repository_that_is_not_there_and_a_hub_that_is_not_there_are_told_apart(
    shell: Shell, hub: HubServer
) -> None:
    gone = shell.run(pull, "pull", "owner/none", "--endpoint", hub.url)
    assert (gone.status, "the hub has no owner/none" in gone.err) == (1, True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = shell.run(pull, "pull", hub.repo, "--endpoint", f"http://127.0.0.1:{free.getsockname()[1]}")
    assert (nobody.status, "the hub cannot be reached" in nobody.err) == (1, True)


@pytest.mark.parametrize("name", ["tiny", "a/b/c", "https://huggingface.co/a/b", "../x:y"])
def test_a_name_that_is_none_is_a_wrong_use(name: str, shell: Shell) -> None:
    assert shell.run(pull, "pull", name).status == 2
    assert not Path(shell.folder / "models").exists()
