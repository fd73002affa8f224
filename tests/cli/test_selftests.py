"""Every policy that ships, and every example of the documentation, meets the rules that its own tests name."""

from pathlib import Path

import pytest

from policies.load import load_policy
from router.cli.selftests import policy_tests
from router.config import load_config
from router.runtime.policybook import names_of

ROOT = Path(__file__).parents[2]
FOLDERS = ("policies", "docs/examples", "docs/providers/vision")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.yaml"))
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


def test_a_test_of_a_policy_knows_the_limit_and_the_stream_that_its_request_asks_for(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("upstreams:\n  big: {kind: openai, url: 'http://127.0.0.1:9/v1', model: b}\n")
    config = load_config(tmp_path / "config.yaml", environ={})
    text = """policy: p
rules:
  - {name: long, when: max_tokens > 100, plan: [big]}
  - {name: streamed, when: stream, plan: [big]}
otherwise: {plan: [big]}
tests:
  - {request: {messages: [], max_tokens: 200}, rule: long}
  - {request: {messages: [], max_completion_tokens: many, stream: true}, rule: streamed}
  - {request: {messages: []}, rule: otherwise}
"""
    policy = load_policy(text, source="p.yaml", names=names_of(config.upstreams))
    assert policy_tests(config, policy) == []
