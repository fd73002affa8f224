"""`smallfirst init`: writes what was found, over nothing, and no key."""

from pathlib import Path

import pytest

from router.cli import check, init
from router.config import load_config
from router.config.providers import PROVIDERS
from router.config.starter import only_discovers
from tests.cli.conftest import Shell

ROOT = Path(__file__).parents[2]
KEY = "sk-0123456789abcdefWXYZ"


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for provider in PROVIDERS:
        monkeypatch.delenv(provider.variable, raising=False)


def test_it_writes_a_configuration_and_the_policies_beside_it(shell: Shell) -> None:
    said = shell.run(init, "init", places=())
    assert (said.status, said.err) == (0, "")
    assert load_config(shell.folder / "config.yaml", environ={}).discover
    assert {"balanced.yaml", "observe.yaml"} <= {path.name for path in (shell.folder / "policies").iterdir()}
    assert said.out.endswith("next: `smallfirst check`, then `smallfirst serve`\n")


def test_a_key_is_shown_masked_and_written_by_name(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    said = shell.run(init, "init", places=())
    written = (shell.folder / "config.yaml").read_text(encoding="utf-8")
    assert "OPENAI_API_KEY = …WXYZ" in said.out
    assert KEY not in said.out + written
    assert load_config(shell.folder / "config.yaml").upstreams["big"].key == KEY


def test_a_file_that_is_there_is_kept(shell: Shell) -> None:
    path = shell.write("mine")
    said = shell.run(init, "init", places=())
    assert said.status == 1
    assert "--force" in said.err
    assert path.read_text(encoding="utf-8") == "mine"
    assert not (shell.folder / "policies").exists()


def test_a_file_that_only_looks_for_servers_is_put_aside(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shell.write("# a clone's own\nupstreams: discover\n")
    mine = shell.write("policy: balanced\n", "policies/balanced.yaml")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    said = shell.run(init, "init", places=())
    assert said.status == 0
    assert load_config(path).upstreams["big"].key == KEY
    assert (shell.folder / "config.yaml.before").read_text(encoding="utf-8") == "# a clone's own\nupstreams: discover\n"
    assert mine.read_text(encoding="utf-8") == "policy: balanced\n"


def test_the_file_that_ships_is_one_that_only_looks_for_servers(tmp_path: Path) -> None:
    assert only_discovers(ROOT / "config.yaml")
    path = tmp_path / "config.yaml"
    for text in ("upstreams: discover\nlisten: {port: 1}\n", "upstreams: {small: {}}\n", "mine", "a: ["):
        path.write_text(text, encoding="utf-8")
        assert not only_discovers(path)
    assert not only_discovers(tmp_path / "nowhere.yaml")


def test_policies_that_are_there_are_kept(shell: Shell) -> None:
    mine = shell.write("policy: balanced\n", "policies/balanced.yaml")
    said = shell.run(init, "init", places=())
    assert f"kept {mine}" in said.out
    assert mine.read_text(encoding="utf-8") == "policy: balanced\n"


def test_force_writes_over_both(shell: Shell) -> None:
    shell.write("mine")
    mine = shell.write("policy: balanced\n", "policies/balanced.yaml")
    assert shell.run(init, "init", "--force", places=()).status == 0
    assert load_config(shell.folder / "config.yaml", environ={}).discover
    assert "otherwise:" in mine.read_text(encoding="utf-8")


LITELLM = """\
model_list:
  - model_name: gpt-4o
    litellm_params: {model: gpt-4o, rpm: 5}
  - model_name: qwen
    litellm_params: {model: hosted_vllm/Qwen3-4B, api_base: "http://10.0.0.7:8000/v1"}
router_settings: {fallbacks: [{qwen: [gpt-4o]}]}
"""


def test_another_routers_file_is_taken_over_and_what_is_left_is_listed(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = shell.write(LITELLM, "litellm.yaml")
    said = shell.run(init, "init", "--from", str(source), places=())
    assert (said.status, said.err) == (0, "")
    assert f"{source}:3: model_list[0].litellm_params.rpm: no upstream is rationed" in said.out
    assert (shell.folder / "policies/keeps-qwen.yaml").exists()
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    checked = shell.run(check, "check", "--offline")
    assert (checked.status, checked.out.splitlines()[-1]) == (0, "nothing is wrong; 2 warnings above")


def test_another_routers_file_that_is_not_there_or_holds_nothing_writes_nothing(shell: Shell) -> None:
    said = shell.run(init, "init", "--from", "nowhere.yaml", places=())
    assert (said.status, said.err) == (
        1,
        "nowhere.yaml: No such file or directory; name the file that LiteLLM is started with (--config)\n",
    )
    empty = shell.write("general_settings: {}\n", "empty.yaml")
    said = shell.run(init, "init", "--from", str(empty), places=())
    assert said.status == 1
    assert "no chat model is available here" in said.err
    assert list(shell.folder.iterdir()) == [empty]


def test_a_folder_that_cannot_be_made_is_told(shell: Shell) -> None:
    shell.write("a file where the folder would be", "policies")
    said = shell.run(init, "init", places=())
    assert said.status == 1
    assert "choose a folder you may write to" in said.err


def test_litellms_file_under_our_name_is_known_and_never_written_over(shell: Shell) -> None:
    source = shell.write(LITELLM)
    said = shell.run(init, "init", places=())
    assert (said.status, said.out) == (1, "")
    assert "config.yaml is LiteLLM's; rename it to litellm.yaml" in said.err
    said = shell.run(init, "init", "--force", "--from", str(source), places=())
    assert (said.status, said.out) == (1, "")
    assert "rename it to litellm.yaml" in said.err
    assert source.read_text(encoding="utf-8") == LITELLM
    checked = shell.run(check, "check")
    assert checked.err == (
        f"{source}:2: model_list: this is LiteLLM's file; rename it to litellm.yaml, then run "
        "`smallfirst init --from litellm.yaml`\n1 problem: mend what is named above\n"
    )


def test_a_litellm_yaml_beside_it_is_pointed_out(shell: Shell) -> None:
    assert "--from" not in shell.run(init, "init", places=()).out
    source = shell.write(LITELLM, "proxy_config.yml")  # whatever it is called
    said = shell.run(init, "init", "--force", places=())
    assert "found no model server and no provider's key" in said.out
    assert f"`smallfirst init --force --from {source}` takes over its models" in said.out
