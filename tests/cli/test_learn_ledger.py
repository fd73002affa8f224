"""`learn --from ledger`: what goes with it, whose answer a label is about, and which model that was."""

from collections.abc import Iterator
from typing import Any

import pytest

from classifier.digests import model_digest
from classifier.features import extract, feature_set
from classifier.task import question_key, task_path
from router.cli import learn, learn_ledger
from router.core.exchange import ESCALATE, Origin, Verdict
from router.observers.late import label_of
from router.runtime.building import build_store
from router.runtime.salt import salt_of
from router.store.sql import SqlStore
from tests.cli.conftest import Shell
from tests.store.records import Clock, closed, ended

CONFIG = """\
upstreams:
  small: {kind: openai, url: "http://127.0.0.1:9/v1", model: tiny, local: true, price: free, context: 4096}
  big: {kind: openai, url: "http://127.0.0.1:9/v1", model: grand, price: {input: 2.5, output: 10}}
"""
SALT = b"of this store"


@pytest.fixture
def desk(shell: Shell) -> Shell:
    shell.write(CONFIG)
    salt_of(shell.folder / "smallfirst.db.salt")
    return shell


@pytest.fixture
def ledger(desk: Shell) -> Iterator[SqlStore]:
    from router.config import load_config

    store = build_store(load_config(desk.folder / "config.yaml", environ={}), Clock())
    assert isinstance(store, SqlStore)
    yield store
    store.close()


def put(store: SqlStore, ask: str, worth: float = 1.0, *, model: str = "tiny", **label: Any) -> None:
    """An exchange that the baseline answered and somebody graded."""
    body = {"messages": [{"role": "user", "content": ask}]}
    exchange = closed("big", subject="small", features=extract(body).tobytes(), feature_set=feature_set())
    exchange.question, exchange.task = question_key(body, SALT), task_path(body, SALT)
    shadow = ended(exchange.id, "small", origin=Origin.SHADOW, model=model)
    exchange.attempts = [ended(exchange.id, "big", model="grand"), shadow]
    store.append(exchange)
    grades = {"small_quality": worth, "big_quality": 1.0, "use": "train", "label_kind": "exact", "who": "check"}
    store.put("labels", {"exchange": exchange.id} | grades | label)


def world(store: SqlStore, n: int = 100, **label: Any) -> None:
    for k in range(n):
        put(store, f"Add {k} and {k * 7} now" if k % 2 else f"Riddle me {k}: who walks on legs?", float(k % 2), **label)
    assert store.flush()


def test_labels_of_the_ledger_are_trained_on_and_the_artifact_knows_the_models(desk: Shell, ledger: SqlStore) -> None:
    world(ledger)
    told = desk.run(learn, "learn", "train", "--from", "ledger", "--out", str(desk.folder / "made"))
    assert told.status == 0, told.err
    assert "100 labels that may train; 100 answers of 100 questions, graded by check 100" in told.err
    assert f"training.models.{model_digest('tiny')}" in told.out
    assert "ledger: tiny -> grand" in told.out
    assert f"next: `classifier: {{artifact: {desk.folder / 'made'}}}` into config.yaml" in told.out
    assert "held_out.controls" not in told.out
    again = desk.run(learn, "learn", "train", "--from", "ledger", "--out", str(desk.folder / "made"))
    assert "the artifact that was there is written over" in again.err


def test_one_small_model_can_be_picked_and_one_that_is_not_there_is_told(desk: Shell, ledger: SqlStore) -> None:
    world(ledger)
    assert desk.run(learn, "learn", "evaluate", "--from", "ledger", "--small", "tiny").status == 0
    told = desk.run(learn, "learn", "evaluate", "--from", "ledger", "--small", "huge")
    assert (told.status, "tiny -> grand" in told.err) == (1, True)


def test_a_time_before_any_label_leaves_nothing(desk: Shell, ledger: SqlStore) -> None:
    world(ledger)
    told = desk.run(learn, "learn", "evaluate", "--from", "ledger", "--until", "2020-01-01")
    assert (told.status, "0 labels that may train" in told.err) == (1, True)


def test_labels_kept_for_something_else_are_not_counted(desk: Shell, ledger: SqlStore) -> None:
    world(ledger, use="watch")
    assert "0 labels that may train" in desk.run(learn, "learn", "evaluate", "--from", "ledger").err


def test_an_objection_that_came_too_late_is_left_out_and_told(desk: Shell, ledger: SqlStore) -> None:
    world(ledger)
    body = {"messages": [{"role": "user", "content": "Say it over and over"}]}
    late = closed("small", stream=True, features=extract(body).tobytes(), feature_set=feature_set())
    ledger.append(late)
    ledger.put("labels", label_of(late, Verdict("loops", ESCALATE, "too late to act: it says the same again")))
    assert ledger.flush()
    told = desk.run(learn, "learn", "evaluate", "--from", "ledger")
    assert (
        told.status,
        "101 labels that may train; 100 answers of 100 questions, graded by check 100" in told.err,
    ) == (0, True)
    assert "1 left out: they grade the small answer alone" in told.err
    assert "In a policy, by hand: `cut: 0." in " ".join(told.out.split())


def test_a_model_that_another_has_replaced_is_known_by_its_name() -> None:
    models = learn_ledger.Models({"small": "tiny"}, {"small": "of the weights"})
    assert models.of("small", "tiny") == ("tiny", "of the weights")
    assert models.of("small", None) == ("tiny", "of the weights")
    assert models.of("small", "older") == ("older", model_digest("older"))
    assert models.of("gone", None) == ("gone", model_digest("gone"))


@pytest.mark.parametrize(
    ("row", "whose"),
    [
        ({"small": "third", "upstream": "big"}, "third"),
        ({"small": "", "upstream": "second"}, "second"),
        ({"small": "", "upstream": "big"}, "small"),
    ],
    ids=["as the label says", "who was served", "whom p_good was about"],
)
def test_a_label_is_about_the_answer_of(row: dict[str, str], whose: str) -> None:
    assert learn_ledger._whose({"baseline": "big", "subject": "small"} | row) == whose


def test_what_an_answer_cost_is_what_the_ledger_says(desk: Shell, ledger: SqlStore) -> None:
    world(ledger, 2)
    shelf_rows = ledger.aggregate("learning.attempts")
    large = next(row for row in shelf_rows if row["upstream"] == "big")
    small = next(row for row in shelf_rows if row["upstream"] == "small")
    spent = learn_ledger._spending(small, large)
    assert (spent.prompt_tokens, spent.small_tokens, spent.large_tokens) == (1000, 100, 100)
    assert spent.small_cost == 0.0
    assert spent.large_cost == pytest.approx(0.0035)
    assert learn_ledger._spending(None, large).large_cost is None
