"""`smallfirst report savings | quality | requests`."""

import csv
import io
import json
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from router.cli import explain, report
from router.cli.report import now_us
from router.store.journal import Journal
from router.store.rows import encode, rows_of
from router.store.sql import SqlStore, journal_of
from router.store.upgrade import upgrade
from tests.cli.conftest import Shell
from tests.store.records import closed

BALANCED = Path(__file__).parents[2] / "policies" / "balanced.yaml"


def serve_once(shell: Shell) -> None:
    """Leave a ledger of two answered requests, one graded, as a server would."""
    shell.write()
    url = f"sqlite:///{shell.folder / 'smallfirst.db'}"
    upgrade(url)
    store = SqlStore(url, clock_us=now_us)
    for id_, upstream in (("kept", "small"), ("sent", "big")):
        store.append(closed(upstream, id=id_, started_at=now_us(), ended_at=now_us(), tags={"team": "=mail"}))
    grades = {"small_quality": 1.0, "big_quality": 1.0}
    store.put("labels", {"exchange": "kept", "who": "check", "label_kind": "exact", **grades})
    store.close()


@pytest.mark.parametrize(
    ("kind", "words"), [("savings", "Per reply"), ("quality", "Controls"), ("requests", "2 requests: 2 answered")]
)
def test_each_report_is_a_page_for_people(shell: Shell, kind: str, words: str) -> None:
    serve_once(shell)
    said = shell.run(report, "report", kind)
    assert (said.status, said.err) == (0, "")
    assert words in said.out
    assert max(map(len, said.out.splitlines())) <= 100


def test_who_reads_the_ledger_needs_none_of_the_variables_that_the_server_has(shell: Shell) -> None:
    serve_once(shell)
    url, key = "url: 'https://api.big.example/v1', model: m", "key: '${NOBODY_SET_THIS}'"
    small = "small: {kind: recorded, recording: builtin, local: true}"
    shell.write(f"upstreams:\n  {small}\n  big: {{kind: openai, {url}, {key}}}\n")
    for kind in report.KINDS:
        said = shell.run(report, "report", kind)
        assert (said.status, said.err) == (0, ""), kind
    assert json.loads(shell.run(explain, "explain", "kept", "--format", "json").out)["upstream"] == "small"


def test_the_beginning_of_an_id_that_is_shown_will_do_for_explain(shell: Shell) -> None:
    serve_once(shell)
    store = SqlStore(f"sqlite:///{shell.folder / 'smallfirst.db'}", clock_us=now_us)
    whole = "01a21904-da31-7a28-8ab9-e269e03f291a"
    store.append(closed("small", id=whole, started_at=now_us(), ended_at=now_us(), overhead_ms=1.0))
    store.close()
    shown = next(word for word in shell.run(report, "report", "requests").out.split() if word.startswith("01a2"))
    assert len(shown) < len(whole)
    assert shell.run(explain, "explain", shown).out.startswith(f"exchange {whole}:")
    told = json.loads(shell.run(report, "report", "requests", "--format", "json").out)
    assert whole in [row["id"] for row in told["recent"]]


def test_a_report_says_what_a_killed_server_left_in_the_journal(shell: Shell) -> None:
    serve_once(shell)
    url = f"sqlite:///{shell.folder / 'smallfirst.db'}"
    journal = Journal(journal_of(url), "dead")
    journal.append(encode(rows_of(closed("big", id="left"), "dead")))
    journal.close()
    told = json.loads(shell.run(report, "report", "savings", "--format", "json").out)["waiting"]
    assert (told["requests"], told["calls"], told["cost_usd"], told["unknown"]) == (1, 1, "0.0035", 0)
    for kind in ("savings", "requests", "privacy"):
        said = shell.run(report, "report", kind)
        assert "Not in this report: 1 requests and 1 calls that wait" in " ".join(said.out.split())
    said = shell.run(report, "report", "savings", "--format", "csv")
    assert "at least $0.0035" in said.err
    SqlStore(url, clock_us=now_us).close()
    assert json.loads(shell.run(report, "report", "savings", "--format", "json").out)["waiting"] is None


@pytest.mark.parametrize("kind", ["savings", "quality", "requests"])
def test_each_report_is_json_for_programs(shell: Shell, kind: str) -> None:
    serve_once(shell)
    content = json.loads(shell.run(report, "report", kind, "--by", "upstream", "--format", "json").out)
    assert content["report"] == kind
    assert [group["group"] for group in content["groups"]] == ["big", "small"]


@pytest.mark.parametrize("kind", ["savings", "quality", "requests"])
def test_each_report_is_csv_for_spreadsheets(shell: Shell, kind: str) -> None:
    serve_once(shell)
    rows = list(
        csv.DictReader(io.StringIO(shell.run(report, "report", kind, "--by", "tag.team", "--format", "csv").out))
    )
    assert [row["group"] for row in rows] == ["all", "'=mail"]


@pytest.mark.parametrize("kind", ["savings", "quality", "requests"])
def test_each_report_is_a_page_for_a_browser(shell: Shell, kind: str) -> None:
    serve_once(shell)
    said = shell.run(report, "report", kind, "--format", "html")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("<!doctype html>")


@pytest.mark.skipif(find_spec("pyarrow") is not None, reason="the extra [parquet] is installed")
def test_without_the_extra_parquet_is_refused_with_a_word(shell: Shell) -> None:
    said = shell.run(report, "report", "savings", "--format", "parquet")
    assert (said.status, said.out) == (2, "")
    assert 'pip install "smallfirst[parquet]"`; --format csv' in said.err


@pytest.mark.skipif(find_spec("pyarrow") is None, reason="needs the extra [parquet]: make parquet")
@pytest.mark.parametrize("kind", ["savings", "quality", "requests", "privacy"])
def test_each_report_is_a_parquet_file_with_the_rows_of_its_csv(shell: Shell, kind: str) -> None:
    serve_once(shell)
    command = [sys.executable, "-m", "router.cli", "report", kind, "--config", str(shell.folder / "config.yaml")]
    parquet, text = (
        subprocess.run([*command, "--format", form], capture_output=True, check=True).stdout
        for form in ("parquet", "csv")
    )
    table = import_module("pyarrow.parquet").read_table(io.BytesIO(parquet))
    rows = list(csv.DictReader(io.StringIO(text.decode())))
    assert table.num_rows == len(rows) > 0
    assert table.column_names == list(rows[0])


def test_without_a_ledger_it_says_how_to_get_one(shell: Shell) -> None:
    shell.write()
    said = shell.run(report, "report", "savings")
    assert (said.status, said.out) == (1, "")
    assert "there is no ledger yet; start `smallfirst serve`" in said.err


def test_a_ledger_of_another_schema_says_what_to_run(shell: Shell) -> None:
    shell.write()
    (shell.folder / "smallfirst.db").touch()
    said = shell.run(report, "report", "savings")
    assert said.status == 1
    assert "run `smallfirst store upgrade`" in said.err


def test_a_damaged_ledger_says_how_to_mend_it(shell: Shell) -> None:
    shell.write()
    (shell.folder / "smallfirst.db").write_bytes(b"no database at all, only words" * 50)
    said = shell.run(report, "report", "requests")
    assert said.status == 1
    assert "the store is damaged" in said.err


def test_a_ledger_in_memory_cannot_be_read_from_outside(shell: Shell) -> None:
    shell.write("store: {url: memory}\nupstreams: discover\n")
    said = shell.run(report, "report", "savings")
    assert said.status == 1
    assert "server's memory" in said.err


@pytest.mark.parametrize(
    "words", [("--since", "soon"), ("--by", "colour"), ("--since", "2026-02-01", "--until", "2026-01-01")]
)
def test_asked_wrongly_it_says_what_to_write(shell: Shell, words: tuple[str, ...]) -> None:
    serve_once(shell)
    said = shell.run(report, "report", "savings", *words)
    assert (said.status, said.out) == (2, "")
    assert len(said.err.splitlines()) == 1


def test_the_privacy_report_ends_with_one_where_anything_went_where_it_must_not(shell: Shell) -> None:
    serve_once(shell)
    said = shell.run(report, "report", "privacy")
    assert (said.status, said.err) == (0, "")
    assert "No violation recorded" in said.out
    url = f"sqlite:///{shell.folder / 'smallfirst.db'}"
    store = SqlStore(url, clock_us=now_us)
    store.append(closed("big", id="leak", started_at=now_us(), local_only=True))
    store.close()
    said = shell.run(report, "report", "privacy", "--format", "csv")
    assert said.status == 1
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert (rows[0]["what"], rows[0]["example"], rows[1]["what"]) == ("violation", "leak", "processor")
    assert (
        json.loads(shell.run(report, "report", "privacy", "--format", "json").out)["violations"][0]["example"] == "leak"
    )


def test_every_report_says_what_stands_behind_the_cuts_in_force(shell: Shell) -> None:
    serve_once(shell)
    for kind in ("savings", "quality", "requests", "privacy"):
        assert "no certificate and no `cut:` stand behind it" in shell.run(report, "report", kind).out.replace(
            "\n", " "
        )
    (told,) = json.loads(shell.run(report, "report", "savings", "--format", "json").out)["in_force"]
    assert "about 152 graded answers" in told
    shell.write(BALANCED.read_text() + "cut: 0.7\n", "policies/balanced.yaml")
    assert "Now: policy balanced: cut 0.7 by hand;" in shell.run(report, "report", "savings").out
    shell.write('["*"]', "smallfirst.db.paused")
    assert "Paused now for everyone" in shell.run(report, "report", "requests").out
