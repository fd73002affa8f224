"""`smallfirst keys`: shown once, kept as a digest, refused when revoked."""

import json

import pytest

from router.cli import keys
from router.config import load_config
from router.core.keys import digest
from router.runtime.building import build_store
from tests.cli.conftest import Shell
from tests.store.records import Clock


@pytest.fixture
def desk(shell: Shell) -> Shell:
    shell.write()
    return shell


def rows(shell: Shell, table: str) -> list[dict[str, object]]:
    store = build_store(load_config(shell.folder / "config.yaml", environ={}), Clock())
    try:
        return store.find(table)  # type: ignore[arg-type]
    finally:
        store.close()


def add(shell: Shell, name: str, *more: str) -> str:
    return str(json.loads(shell.run(keys, "keys", "add", name, "--format", "json", *more).out)["key"])


def test_a_key_is_shown_once_and_only_its_digest_is_kept(desk: Shell) -> None:
    said = desk.run(keys, "keys", "add", "ada")
    token = said.out.splitlines()[0]
    assert said.status == 0
    assert token.startswith("sf-")
    (row,) = rows(desk, "keys")
    assert (row["name"], row["digest"], row["prefix"]) == ("ada", digest(token), token[:7])
    assert token not in "".join(path.read_text("latin-1") for path in desk.folder.rglob("*") if path.is_file())


def test_a_key_carries_what_it_may_not_loosen(desk: Shell) -> None:
    add(desk, "ward", "--local-only", "--policy", "balanced")
    (row,) = rows(desk, "keys")
    assert (row["policy"], bool(row["local_only"])) == ("balanced", True)


def test_a_name_is_taken_until_its_key_is_revoked(desk: Shell) -> None:
    first = add(desk, "ada")
    said = desk.run(keys, "keys", "add", "ada")
    assert (said.status, said.out) == (1, "")
    assert "revoke it first" in said.err
    assert desk.run(keys, "keys", "revoke", "ada").status == 0
    assert add(desk, "ada") != first


def test_the_list_tells_keys_apart_without_their_secrets(desk: Shell) -> None:
    token = add(desk, "ada", "--local-only")
    desk.run(keys, "keys", "revoke", "ada")
    said = desk.run(keys, "keys", "list")
    assert token[:7] in said.out
    assert token not in said.out
    assert "local only" in said.out
    assert "REVOKED" in said.out
    (listed,) = json.loads(desk.run(keys, "keys", "list", "--format", "json").out)
    assert "digest" not in listed


def test_an_empty_list_says_how_to_make_one(desk: Shell) -> None:
    assert "smallfirst keys add NAME" in desk.run(keys, "keys", "list").out
    assert json.loads(desk.run(keys, "keys", "list", "--format", "json").out) == []


def test_revoking_nobody_says_where_the_names_are(desk: Shell) -> None:
    said = desk.run(keys, "keys", "revoke", "nobody")
    assert said.status == 1
    assert "smallfirst keys list" in said.err


def test_every_change_is_written_down(desk: Shell) -> None:
    add(desk, "ada")
    desk.run(keys, "keys", "revoke", "ada")
    actions = [(row["who"], row["action"], row["subject"]) for row in rows(desk, "audit_log")]
    assert sorted(actions) == [("cli", "keys add", "ada"), ("cli", "keys revoke", "ada")]
