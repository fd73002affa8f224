"""The migrations and the tables say the same; an upgrade runs once, from anywhere, or says why not."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from router.core.errors import SetupError
from router.store.engine import open_engine
from router.store.tables import METADATA
from router.store.upgrade import alembic_config, head, scripts, upgrade

ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.db'}"


def test_the_migrated_schema_is_the_one_the_code_sees(url: str) -> None:
    upgrade(url)
    engine = open_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_down_and_up_again(url: str) -> None:
    upgrade(url)
    engine = open_engine(url, immediate=True)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        command.upgrade(alembic_config(connection), "head")
        assert set(METADATA.tables) <= set(inspect(connection).get_table_names())
    engine.dispose()


def test_an_upgrade_says_where_it_came_from(url: str) -> None:
    assert upgrade(url) is None
    assert upgrade(url) == head()


def test_starts_at_the_same_moment_do_not_collide(url: str) -> None:
    together, befores = threading.Barrier(4), []

    def start() -> None:
        together.wait()
        befores.append(upgrade(url))

    starts = [threading.Thread(target=start) for _ in range(4)]
    for thread in starts:
        thread.start()
    for thread in starts:
        thread.join()
    assert sorted(befores, key=str) == [*[head()] * 3, None]


def test_the_ledger_is_readable_by_its_owner_alone(url: str, tmp_path: Path) -> None:
    upgrade(url)
    assert (tmp_path / "ledger.db").stat().st_mode & 0o777 == 0o600


def test_a_newer_store_is_refused_with_a_remedy(url: str, tmp_path: Path) -> None:
    upgrade(url)
    connection = sqlite3.connect(tmp_path / "ledger.db")
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(SetupError, match=r"revision 9999.*start the newer smallfirst"):
        upgrade(url)


def test_a_damaged_store_is_refused_with_a_remedy(url: str, tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"this was a database once" * 100)
    with pytest.raises(SetupError, match=r"damaged.*\.recover"):
        upgrade(url)


def test_flipped_bytes_are_found_at_start(url: str, tmp_path: Path) -> None:
    upgrade(url)
    file = tmp_path / "ledger.db"
    content = bytearray(file.read_bytes())
    content[8192:8292] = b"\xff" * 100
    file.write_bytes(content)
    with pytest.raises(SetupError, match="damaged"):
        upgrade(url)


@pytest.mark.parametrize("wrong", ["", "nonsense", "nosuchthing:///x.db", "sqlite:////proc/nowhere/ledger.db"])
def test_a_url_that_leads_nowhere_is_a_setup_error(wrong: str) -> None:
    with pytest.raises(SetupError):
        upgrade(wrong)


def test_the_checkout_has_its_scripts_at_its_root() -> None:
    assert scripts() == ROOT / "migrations"


def test_a_built_wheel_upgrades_a_store_in_an_empty_folder(tmp_path: Path) -> None:
    source, wheels, site, empty = (tmp_path / name for name in ("source", "wheels", "site", "empty"))
    empty.mkdir()
    for package in ("router", "classifier", "policies", "migrations"):
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__", "*.gguf"))
    for file in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / file, source)
    readme = ROOT / "README.md"
    (source / "README.md").write_text(readme.read_text() if readme.exists() else "smallfirst")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", str(source), "--no-build-isolation", "--no-deps", "-w", str(wheels)], check=True)
    (wheel,) = wheels.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", str(site), str(wheel)], check=True)
    program = "from router.store.upgrade import scripts, upgrade; print(upgrade('sqlite:///x.db'), scripts())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=empty,
        env=os.environ | {"PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["None", str(site / "router" / "store" / "_migrations")]
    assert [path.name for path in empty.iterdir()] == ["x.db"]
