"""`smallfirst store upgrade`."""

from router.cli import store
from router.store.upgrade import head
from tests.cli.conftest import Shell


def test_an_upgrade_says_from_where_to_where_and_then_that_there_is_nothing_to_do(shell: Shell) -> None:
    shell.write()
    first, second = (shell.run(store, "store", "upgrade") for _ in range(2))
    assert (first.status, second.status) == (0, 0)
    assert f"new -> {head()}" in first.out
    assert f"is up to date ({head()})" in second.out


def test_a_store_that_is_no_database_is_refused(shell: Shell) -> None:
    shell.write()
    (shell.folder / "smallfirst.db").write_bytes(b"only words" * 200)
    said = shell.run(store, "store", "upgrade")
    assert (said.status, said.out) == (1, "")
    assert "the store is damaged" in said.err


def test_a_store_in_memory_has_nothing_to_upgrade(shell: Shell) -> None:
    shell.write("store: {url: memory}\nupstreams: discover\n")
    assert shell.run(store, "store", "upgrade").status == 0


def test_a_config_that_does_not_read_is_refused(shell: Shell) -> None:
    shell.write("upstreams: 7\n")
    assert shell.run(store, "store", "upgrade").status == 1
