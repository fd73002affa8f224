"""Configurations written out, loaded, and made into parts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from router.config import load_config
from router.config.records import Config

WriteConfig = Callable[..., Config]
PAIR = """\
upstreams:
  small: {kind: openai, url: "http://127.0.0.1:9/v1", model: small-model, local: true, price: free}
  big: {kind: recorded, recording: builtin, price: {input: 2.50, output: 10.00}}
store: {url: memory}
"""


@pytest.fixture
def write_config(tmp_path: Path) -> WriteConfig:
    """`config = write_config("…", mine="policy: mine …")`: a config.yaml and policies, loaded."""

    def write(text: str = PAIR, **policies: Any) -> Config:
        (tmp_path / "policies").mkdir(exist_ok=True)
        for name, policy in policies.items():
            (tmp_path / "policies" / f"{name}.yaml").write_text(policy)
        path = tmp_path / "config.yaml"
        path.write_text(text)
        return load_config(path, environ={})

    return write
