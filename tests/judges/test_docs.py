"""docs/judges.md names every judge, every cap and every word a verdict may use."""

import re
from pathlib import Path

import pytest

from router.judges import KINDS, refusal, schema

PAGE = (Path(__file__).parents[2] / "docs" / "judges.md").read_text(encoding="utf-8")
WORDS = " ".join(PAGE.split())


@pytest.mark.parametrize("name", KINDS)
def test_every_judge_has_its_chapter(name: str) -> None:
    assert f"\n## `{name}`\n" in PAGE


@pytest.mark.parametrize(
    "cap",
    [
        f"{schema.MAX_BYTES // 1024} KiB",
        f"{schema.MAX_DEPTH} levels",
        f"{schema.MAX_PARTS:,} parts",
        f"up to {schema.MAX_WORK:,}",
        f"first {refusal.HEAD} characters",
        f"at {refusal.SHORT} characters to 1 at {refusal.LONG}",
        f"last {refusal.ASK:,} characters",
    ],
)
def test_every_cap_is_told(cap: str) -> None:
    assert cap in WORDS


def test_every_reason_in_the_source_is_on_the_page() -> None:
    room = Path(refusal.__file__).parent
    source = "".join((room / name).read_text(encoding="utf-8") for name in ("structure.py", "schema.py", "refusal.py"))
    quoted = re.findall(r'(?:ACCEPT|ESCALATE|WAIT), "([^"{]+)"|Unjudged\("([^"{]+)"\)|": "([a-z]+[ :][^"{]+)"', source)
    reasons = {reason for groups in quoted for reason in groups if reason}
    assert len(reasons) > 15
    assert {reason for reason in reasons if reason not in WORDS} == set()
