"""docs/configuration.md names every key, and its examples load."""

import dataclasses
import re
from pathlib import Path

import pytest

from router.config.options import WEIGHTS
from router.config.price import BUCKETS, MACHINE
from router.config.records import Config
from router.config.upstreams import KINDS
from router.core.capabilities import CAPABILITIES
from router.core.upstream import Timeouts, UpstreamSpec
from tests.config.conftest import Desk

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
# What a record holds and no key of the file sets; and the keys that carry another name in the record.
NO_KEYS = {"path", "discover", "digest", "warnings", "name", "timeouts", "passes_key", "stamp"}
MORE_KEYS = {"timeout", "gguf", "threads", "recording", "delay_ms", "urls", "ca", "proxy", "body_mb", "commit_s"}


def test_every_key_stands_on_the_page() -> None:
    records = [Config, UpstreamSpec, Timeouts]
    keys = {field.name for record in records for field in dataclasses.fields(record)} - NO_KEYS | MORE_KEYS
    missing = [key for key in sorted(keys) if not re.search(rf"`[^`\n]*\b{key}\b[^`\n]*`", PAGE)]
    assert missing == []


@pytest.mark.parametrize("word", [*KINDS, *WEIGHTS, *CAPABILITIES, *BUCKETS, MACHINE[0]])
def test_every_word_a_value_may_be_stands_on_the_page(word: str) -> None:
    assert word in PAGE


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_loads(desk: Desk, example: str) -> None:
    assert desk.load(example, OPENAI_API_KEY="sk-of-mine").baseline == "big"


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 2


def test_the_mistakes_shown_are_the_mistakes_told(desk: Desk) -> None:
    lines = [
        "lisen: {port: 4000}",
        "upstreams:",
        "  small: {kind: llamacpp, gguf: 'builtin:tiny-a', price: free}",
        "  big:",
        "    kind: openai",
        "    url: https://api.openai.com/v1",
        "    model: gpt-5.2",
        "    key: ${OPENAI_API_KEY}",
        "    price: {input: 1, output: -1}",
    ]
    for problem in desk.problems("\n".join(lines)):
        assert str(problem).replace(f"{desk.folder}/", "") in PAGE
