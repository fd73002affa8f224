"""docs/upstreams.md names what is there, and its examples run."""

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

import router
from router.core.upstream import Phase, Timeouts
from router.upstreams import KINDS
from tests.upstreams.conftest import Built, asked

ROOT = Path(router.__file__).parents[1]
TEXT = (ROOT / "docs" / "upstreams.md").read_text()


@pytest.mark.parametrize("word", [*KINDS, *get_args(Phase), *(field.name for field in fields(Timeouts))])
def test_every_kind_phase_and_budget_is_documented(word: str) -> None:
    assert f"| `{word}` |" in TEXT


def test_every_error_code_of_the_kinds_is_documented() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "router" / "upstreams").rglob("*.py"))
    raised = re.findall(r'(?:_failed|_no_answer|_not_ready)\(.*"(\w+)"[,)]', sources)
    codes = {*raised, *re.findall(r'code="(\w+)"', sources)}
    assert {"in_band", "unreachable", "loading", "not_recorded", "stream_interrupted"} <= codes
    assert [code for code in sorted(codes) if f"`{code}`" not in TEXT] == []


async def test_the_recording_shown_plays(built: Built, tmp_path: Path) -> None:
    example = re.search(r"```json\n(.*?)\n```", TEXT, re.DOTALL)
    assert example is not None
    sheet = tmp_path / "answers.jsonl"
    sheet.write_text(example[1])
    reply = await built(kind="recorded", options={"recording": str(sheet)}).send(asked("6 times 7?"))
    assert json.loads(reply.body)["choices"][0]["message"]["content"] == "42"
