"""LiteLLM's file under our name is told apart from ours."""

from pathlib import Path

import pytest

from router.config import load_config
from router.config.foreign import is_litellms
from router.core.errors import SetupError

THEIRS = "model_list:\n  - {model_name: a, litellm_params: {model: gpt-4o}}\ngeneral_settings: {master_key: sk-1}\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_it_is_told_in_one_line_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as raised:
        load_config(written(tmp_path, THEIRS), environ={})
    (problem,) = raised.value.problems
    assert (problem.path, problem.message) == ("model_list", "this is LiteLLM's file")
    assert "smallfirst init --from litellm.yaml" in problem.remedy


def test_ours_with_a_key_too_many_is_still_ours(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="model_list: no such key"):
        load_config(written(tmp_path, "upstreams: discover\n" + THEIRS), environ={})


@pytest.mark.parametrize("text", ["upstreams: discover\n", "model_list: [", "- model_list\n"])
def test_what_is_not_litellms_is_not_taken_for_it(tmp_path: Path, text: str) -> None:
    assert not is_litellms(written(tmp_path, text))


def test_no_file_is_nobodys(tmp_path: Path) -> None:
    assert not is_litellms(tmp_path / "config.yaml")
