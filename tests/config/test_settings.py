"""Store, policies, classifier: the sections that name places."""

import pytest

from tests.config.conftest import Desk


@pytest.mark.parametrize(
    ("line", "path", "message"),
    [
        ("store: {url: 'postgresql://h/db'}", "store.url", "Postgres comes with a later release"),
        ("store: {url: 'mysql://h/db'}", "store.url", "is not a supported store URL"),
        ("store: {url: 'sqlite://'}", "store.url", "is not a supported store URL"),
        ("store: {url: 'sqlite:///'}", "store.url", "is not a supported store URL"),
        ("store: {keep_bodies: full}", "store.keep_bodies", "keeping bodies comes with a later release"),
        ("store: {keep_bodies: all}", "store.keep_bodies", "'all' is not one of its values"),
        ("store: {retain_days: 0}", "store.retain_days", "must be a whole number from 1 to 36500, not '0'"),
        ("store: {on_failure: close}", "store.on_failure", "'close' is not one of its values"),
        ("store: {journal: x}", "store.journal", "no such key"),
        ("classifier: {artifact: gone}", "classifier.artifact", "there is no such folder"),
        ("classifier: {artefact: default}", "classifier.artefact", "no such key"),
        ("policies: {dir: x}", "policies.dir", "no such key"),
        ("premises: [a b]", "premises", "'a b' is not a host or a network"),
        ("egress: {team: [small]}", "egress.team", "is not TAG=VALUE"),
        ("egress: {team=legal: [smal]}", "egress.team=legal", "no upstream is called 'smal'"),
        ("premises: here", "premises", "must be a list of words"),
    ],
)
def test_a_mistake_in_a_place_is_told(desk: Desk, line: str, path: str, message: str) -> None:
    problem = desk.problem(f"{desk.pair}{line}\n")
    assert (problem.line, problem.path, problem.message) == (4, path, message)


def test_an_absolute_store_stays_where_it_is(desk: Desk) -> None:
    assert desk.load(desk.pair + "store: {url: 'sqlite:////var/lib/x.db'}\n").store.url == "sqlite:////var/lib/x.db"


def test_a_store_may_live_in_memory(desk: Desk) -> None:
    assert desk.load(desk.pair + "store: {url: memory}\n").store.url == "memory"


def test_a_time_to_keep_rows_is_taken_with_the_word_that_nothing_is_pruned_yet(desk: Desk) -> None:
    config = desk.load(desk.pair + "store: {retain_days: 30}\n")
    assert (config.store.retain_days, [warning.path for warning in config.warnings]) == (30, ["store.retain_days"])


def test_who_may_see_a_tag_is_named_by_upstream_or_as_local(desk: Desk) -> None:
    config = desk.load(f"{desk.pair}egress: {{team=legal: [local], team=search: [small, big]}}\n")
    assert config.egress == {"team=legal": ("local",), "team=search": ("small", "big")}
