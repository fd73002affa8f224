"""The pages of docs/providers: each shows its configuration as it is, which loads without a doubt; the table holds."""

import re
from pathlib import Path

import pytest

from router.config import Config, load_config
from router.core.errors import SetupError
from tests.providers.conftest import DOCS, SERVICE_ACCOUNT
from tests.standins.providers import ENVIRON, PROVIDERS
from tests.standins.table import table

CONFIGS = sorted(DOCS.glob("*.yaml"))
INDEX = DOCS / "README.md"


def loaded(path: Path, folder: Path, environ: dict[str, str]) -> Config:
    """A page's configuration read from a folder that has the files it names."""
    (folder / SERVICE_ACCOUNT).write_text("{}")
    (folder / "vision").mkdir()
    (folder / "vision" / "eyes.yaml").write_bytes((DOCS / "vision" / "eyes.yaml").read_bytes())
    (folder / path.name).write_bytes(path.read_bytes())
    return load_config(folder / path.name, environ=environ)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_configuration_loads_without_a_doubt(path: Path, tmp_path: Path) -> None:
    config = loaded(path, tmp_path, dict(ENVIRON))
    assert config.warnings == ()


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_without_its_key_every_configuration_says_which_one_it_wants(path: Path, tmp_path: Path) -> None:
    wanted = set(re.findall(r"\$\{([A-Z_]+)\}", path.read_text(encoding="utf-8")))
    if not wanted:
        assert SERVICE_ACCOUNT in path.read_text(encoding="utf-8")
        return
    with pytest.raises(SetupError) as error:
        loaded(path, tmp_path, {})
    assert {name for name in wanted if f"the variable {name} is not set" in str(error.value)} == wanted


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_page_shows_its_configuration_as_it_is(path: Path) -> None:
    page = path.with_suffix(".md").read_text(encoding="utf-8")
    assert f"```yaml\n{path.read_text(encoding='utf-8')}```" in page


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_upstream_that_is_not_local_is_a_row_of_the_table(path: Path, tmp_path: Path) -> None:
    upstreams = loaded(path, tmp_path, dict(ENVIRON)).upstreams
    away = {(name, spec.kind) for name, spec in upstreams.items() if not spec.local}
    assert away == {(row.upstream, row.kind) for row in PROVIDERS.values() if row.page == path.stem}


def test_the_table_is_what_the_tests_are() -> None:
    written = INDEX.read_text(encoding="utf-8")
    assert table() in written, f"put this into {INDEX.name}:\n{table()}"


def test_the_index_leads_to_every_page() -> None:
    written = INDEX.read_text(encoding="utf-8")
    assert [path.stem for path in CONFIGS if f"({path.stem}.md)" not in written] == []


def test_no_page_leads_nowhere() -> None:
    led = {(page.name, to) for page in DOCS.glob("*.md") for to in re.findall(r"\]\(([\w./-]+)", page.read_text())}
    assert sorted(f"{page}: {to}" for page, to in led if not to.startswith("http") and not (DOCS / to).exists()) == []
