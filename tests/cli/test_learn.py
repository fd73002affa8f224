"""`smallfirst learn` on files: rows are checked and written, an artifact is trained and measured."""

import orjson
import pytest

from router.cli import learn
from tests.cli.conftest import Shell
from tests.standins.graded_panel import graded_rows


@pytest.fixture
def desk(shell: Shell) -> Shell:
    """A folder with 90 questions to learn from and 50 others to measure on."""
    for name, n, seed in (("train", 90, 3), ("test", 50, 4)):
        rows = graded_rows(n, seed=seed, split=name)
        shell.write("".join(orjson.dumps(row).decode() + "\n" for row in rows), f"{name}.jsonl")
    return shell


def file(desk: Shell, name: str) -> str:
    return str(desk.folder / f"{name}.jsonl")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("evaluate",), "give --train FILE, or --from ledger"),
        (("evaluate", "--train", "a"), "give --test FILE"),
        (("evaluate", "--train", "a", "--test", "b", "--since", "7d"), "files have no time"),
        (("evaluate", "--from", "ledger", "--test", "b"), "leave --train and --test out"),
        (("evaluate", "--from", "ledger", "--task-from", "category"), "names no category"),
    ],
    ids=lambda words: " ".join(words),
)
def test_flags_that_do_not_go_together_are_told(words: tuple[str, ...], said: str, desk: Shell) -> None:
    told = desk.run(learn, "learn", *words)
    assert (told.status, told.out) == (2, "")
    assert said in told.err


def test_rows_are_counted_and_written_so_that_they_read_again(desk: Shell) -> None:
    said = desk.run(learn, "learn", "import", file(desk, "train"), "--out", file(desk, "again"), "--format", "json")
    report = orjson.loads(said.out)
    assert (report["rows"], report["questions"], report["written"]) == (270, 90, 270)
    assert report["pairs"]["sums: able -> grand"] == 90
    again = desk.run(learn, "learn", "import", file(desk, "again"), "--format", "json")
    assert orjson.loads(again.out) == report | {"written": 0}


def test_a_row_without_a_grade_is_named_with_file_and_line(desk: Shell) -> None:
    wrong = desk.write('{"prompt": "2 + 2?", "small_model": "a", "large_model": "b"}\n', "wrong.jsonl")
    said = desk.run(learn, "learn", "import", str(wrong))
    assert said.status == 1
    assert f"{wrong}:1: 'small_quality' is None; write a grade" in said.err


def test_an_artifact_is_trained_measured_and_told_how_to_use(desk: Shell) -> None:
    out = desk.folder / "made"
    words = ("--train", file(desk, "train"), "--test", file(desk, "test"), "--small", "able", "--out", str(out))
    said = desk.run(learn, "learn", "train", *words)
    assert said.status == 0, said.err
    assert said.out.endswith(
        f"next: `classifier: {{artifact: {out}}}` into config.yaml, a `cut:` as above into "
        "the policy, then `smallfirst check`\n"
    )
    assert (out / "artifact.json").exists()


def test_figures_come_with_their_controls_and_a_curve(desk: Shell) -> None:
    plot = desk.folder / "curve.svg"
    words = ("--train", file(desk, "train"), "--test", file(desk, "test"), "--small", "able", "--plot", str(plot))
    said = desk.run(learn, "learn", "evaluate", *words)
    assert said.status == 0, said.err
    assert "random mix" in said.out
    assert plot.read_text(encoding="utf-8").startswith("<svg")


def test_a_folder_that_cannot_be_written_is_told(desk: Shell) -> None:
    (desk.folder / "taken").write_text("a file")
    words = ("--train", file(desk, "train"), "--small", "able", "--out", str(desk.folder / "taken"))
    said = desk.run(learn, "learn", "train", *words)
    assert (said.status, "choose another --out" in said.err) == (1, True)
