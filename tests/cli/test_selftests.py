"""Every policy that ships, and every example of the documentation, meets the rules that its own tests name."""

from pathlib import Path

import pytest

from policies.load import load_policy
from router.cli.selftests import policy_tests
from router.config import load_config
from router.runtime.policybook import names_of

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "policies").glob("*.yaml"), *(ROOT / "docs" / "examples").glob("*.yaml")])
LOCAL = ("small", "tiny", "middle", "coder", "eyes", "polyglot", "ledger")


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_policy_that_ships_loads_and_keeps_its_own_tests(path: Path, tmp_path: Path) -> None:
    rows = [f"  {name}: {{kind: openai, url: 'http://127.0.0.1:9/v1', model: m, local: true}}" for name in LOCAL]
    rows.append("  big: {kind: openai, url: 'http://127.0.0.1:9/v1', model: b}")
    (tmp_path / "config.yaml").write_text("upstreams:\n" + "\n".join(rows) + "\n")
    config = load_config(tmp_path / "config.yaml", environ={})
    policy = load_policy(path.read_text(encoding="utf-8"), source=path.name, names=names_of(config.upstreams))
    assert policy.name == path.stem
    assert policy.about
    assert policy.tests
    assert policy_tests(config, policy) == []


def test_the_packaged_policies_name_no_upstream_but_small_and_big(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        "upstreams:\n"
        "  small: {kind: openai, url: 'http://127.0.0.1:9/v1', model: m, local: true}\n"
        "  big: {kind: openai, url: 'http://127.0.0.1:9/v1', model: b}\n"
    )
    config = load_config(tmp_path / "config.yaml", environ={})
    for path in (ROOT / "policies").glob("*.yaml"):
        load_policy(path.read_text(encoding="utf-8"), source=path.name, names=names_of(config.upstreams))
