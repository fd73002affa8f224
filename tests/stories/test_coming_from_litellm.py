"""A litellm.yaml is taken over, served, and asked by the names that clients know."""

import argparse
from pathlib import Path

import pytest

from router.cli import init
from tests.conftest import Scripted
from tests.standins.house import House

FILE = """\
model_list:
  - model_name: team/assistant
    litellm_params: {{model: hosted_vllm/llama-3.3-70b, api_base: "{big}", api_key: none}}
  - model_name: quick
    litellm_params: {{model: hosted_vllm/qwen3-4b, api_base: "{small}", timeout: 20}}
    model_info: {{max_input_tokens: 4096}}
litellm_settings:
  fallbacks: [{{team/assistant: [quick]}}]
  context_window_fallbacks: [{{quick: [team/assistant]}}]
router_settings:
  model_group_alias: {{gpt-4: team/assistant}}
"""


def taken_over(folder: Path, text: str) -> Path:
    (folder / "litellm.yaml").write_text(text, encoding="utf-8")
    parser = argparse.ArgumentParser()
    init.register(parser.add_subparsers(required=True))
    config = folder / "config.yaml"
    args = parser.parse_args(["init", "--from", str(folder / "litellm.yaml"), "--config", str(config)])
    args.places = ()
    assert init.run_init(args) == 0
    return config


def test_the_old_names_answer_fall_back_and_go_where_there_is_room(
    scripted: Scripted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small, big = scripted(), scripted()
    small.says("from quick")
    big.says("from the assistant")
    house = House(taken_over(tmp_path, FILE.format(small=small.url, big=big.url)))
    try:
        assert "is not copied" in capsys.readouterr().out
        assert house.ask(model="team/assistant").json()["choices"][0]["message"]["content"] == "from the assistant"
        assert house.ask(model="gpt-4").headers["x-router-upstream"] == "big"
        assert house.ask("x " * 9000, model="quick").headers["x-router-rule"] == "does-not-fit"
        big.fails(500)
        reply = house.ask(model="gpt-4")
        assert (reply.status_code, reply.headers["x-router-fallback"]) == (200, "upstream_failed")
        assert reply.headers["x-router-policy"].startswith("keeps-team-assistant@")
        assert {row["baseline"] for row in house.ledger("exchanges")} == {"big", "small"}
    finally:
        house.close()
