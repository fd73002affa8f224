"""A recorded labelled set as a world: its answers are played back, its labels grade them."""

from pathlib import Path

import orjson
import pytest

from router.cli.recorded_world import recorded_world
from router.core.errors import SetupError


def write(folder: Path, n: int, **more: object) -> Path:
    """A set of n questions to read the cut off and three to play; the small model knows every second answer."""
    rows = [
        {
            "prompt": f"What is {k} plus {k}?",
            "source": "sums",
            "small_model": "tiny",
            "large_model": "grand",
            "small_quality": float(k % 2),
            "large_quality": 1.0,
            "small_response": f"small {k}",
            "large_response": f"large {k}",
            "split": "train" if k < n else "dev",
        }
        | more
        for k in range(n + 3)
    ]
    folder.mkdir()
    (folder / "set.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return folder


def test_the_rows_that_the_cut_is_not_read_off_are_played_and_graded_by_their_labels(tmp_path: Path) -> None:
    record = write(tmp_path / "set", 60)
    world = tmp_path / "world"
    world.mkdir()
    runtime, items = recorded_world(record, world, 2)
    assert [(item.tag, item.body["messages"][0]["content"]) for item in items] == [
        ("sums", "What is 60 plus 60?"),
        ("sums", "What is 61 plus 61?"),
    ]
    assert [items[0].grade({"content": text}) for text in ("small 60", "large 60", "else")] == [0.0, 1.0, 0.0]
    assert items[1].grade({"content": "small 61"}) == 1.0
    assert {name: spec.model for name, spec in runtime.config.upstreams.items()} == {"small": "tiny", "big": "grand"}
    assert "cut: " in (world / "policies" / "balanced.yaml").read_text()
    assert (world / "small.jsonl").read_text().count("\n") == 2


@pytest.mark.parametrize(
    ("n", "more", "why"),
    [
        (10, {}, "10 train rows and 2 others of tiny and grand are too few"),
        (60, {"large_response": ""}, "no row has both answers"),
    ],
)
def test_a_set_that_cannot_be_played_says_why(n: int, more: dict[str, str], why: str, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=why):
        recorded_world(write(tmp_path / "set", n, **more), tmp_path, 2)


def test_a_folder_without_files_is_no_set(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"no \.jsonl or \.jsonl\.gz file there"):
        recorded_world(tmp_path, tmp_path, 2)
