"""`smallfirst keys`: shown once, kept as a digest, refused when revoked."""

import io
import json
import re

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
    token = said.out.removesuffix("\n")  # alone on standard output: KEY=$(smallfirst keys add ada)
    assert (said.status, len(token.split())) == (0, 1)
    assert token.startswith("sf-")
    assert "shown this once" in said.err
    assert "within a second" in said.err
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


def test_a_key_that_clients_have_already_is_taken_over(desk: Shell) -> None:
    said = desk.run(keys, "keys", "import", "old", "sk-of-another-proxy-1", "--format", "json")
    assert said.status == 0
    assert "key" not in json.loads(said.out)
    assert "could be guessed" in said.err
    (row,) = rows(desk, "keys")
    assert (row["digest"], row["prefix"]) == (digest("sk-of-another-proxy-1"), "sk-of-a")


def test_it_can_come_by_standard_input(desk: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("sk-of-another-proxy-that-is-long-enough\n"))
    assert desk.run(keys, "keys", "import", "old").err == ""
    assert rows(desk, "keys")[0]["digest"] == digest("sk-of-another-proxy-that-is-long-enough")


@pytest.mark.parametrize("key", ["", "short", "with a space in it, so none"])
def test_what_cannot_be_a_key_is_not_taken_over(desk: Shell, key: str) -> None:
    assert desk.run(keys, "keys", "import", "old", key).status == 2
    assert rows(desk, "keys") == []


def test_a_key_is_taken_over_once(desk: Shell) -> None:
    desk.run(keys, "keys", "import", "old", "sk-of-another-proxy-1")
    assert desk.run(keys, "keys", "import", "new", "sk-of-another-proxy-1").status == 1
    assert desk.run(keys, "keys", "import", "old", "sk-of-another-proxy-2").status == 1


def test_a_rotated_key_keeps_what_it_may_not_loosen_and_the_old_one_is_refused(desk: Shell) -> None:
    first = add(desk, "ward", "--local-only", "--scope", "passthrough:files")
    second = json.loads(desk.run(keys, "keys", "rotate", "ward", "--format", "json").out)["key"]
    found = {row["digest"]: row for row in rows(desk, "keys")}
    assert found[digest(first)]["revoked"]
    assert not found[digest(second)]["revoked"]
    assert (found[digest(second)]["local_only"], found[digest(second)]["scopes"]) == (True, ["passthrough:files"])
    assert desk.run(keys, "keys", "rotate", "nobody").status == 1


def test_one_key_is_shown_without_its_secret(desk: Shell) -> None:
    token = add(desk, "ada", "--scope", "passthrough:files")
    said = desk.run(keys, "keys", "show", "ada", "--format", "json")
    assert json.loads(said.out)["scopes"] == ["passthrough:files"]
    assert token not in desk.run(keys, "keys", "show", "ada").out
    assert desk.run(keys, "keys", "show", "nobody").status == 1


@pytest.mark.parametrize("scope", ["files", "passthrough:", "passthrough:../admin", "admin"])
def test_a_scope_that_is_none_is_refused(desk: Shell, scope: str) -> None:
    said = desk.run(keys, "keys", "add", "ada", "--scope", scope)
    assert (said.status, rows(desk, "keys")) == (2, [])
    assert "passthrough:PREFIX" in said.err


@pytest.mark.parametrize("name", ["", "  ", "ada\x1b[31m"])
def test_a_name_that_cannot_be_shown_is_refused(desk: Shell, name: str) -> None:
    said = desk.run(keys, "keys", "add", name)
    assert (said.status, rows(desk, "keys")) == (2, [])
    assert "is not a valid name" in said.err


def test_a_policy_that_nobody_has_is_refused_before_every_request_of_its_key_is(desk: Shell) -> None:
    said = desk.run(keys, "keys", "add", "ada", "--policy", "nosuch")
    assert (said.status, rows(desk, "keys")) == (2, [])
    assert "balanced" in said.err


def test_what_is_shown_of_a_key_is_for_people(desk: Shell) -> None:
    add(desk, "ada")
    shown = desk.run(keys, "keys", "show", "ada").out
    assert re.search(r"created_at +20\d\d-\d\d-\d\d ", shown)
    assert "None" not in shown
    assert desk.run(keys, "keys", "list").out.startswith("name")
