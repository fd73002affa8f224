"""What docs/running.md shows is accepted as it stands: the configuration, and the command of the unit."""

import re
import shlex
from configparser import ConfigParser
from pathlib import Path

from router.api.server import DRAIN_S
from router.cli.main import build_parser
from router.cli.serve import run_serve
from router.config import load_config

PAGE = (Path(__file__).parents[1] / "docs" / "running.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The only block of the page in a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_configuration_loads_without_a_warning(tmp_path: Path) -> None:
    (tmp_path / "openai.key").write_text("sk-of-mine\n", encoding="utf-8")
    (tmp_path / "config.yaml").write_text(block("yaml"), encoding="utf-8")
    config = load_config(tmp_path / "config.yaml", environ={})
    assert config.warnings == ()
    assert (config.auth, config.upstreams["big"].key) == ("required", "sk-of-mine")


def test_the_unit_starts_the_server_and_waits_longer_than_it_drains() -> None:
    unit = ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(block("ini"))
    program, *words = shlex.split(unit["Service"]["ExecStart"])
    assert Path(program).name == "smallfirst"
    assert build_parser().parse_args(words).run is run_serve
    assert int(unit["Service"]["TimeoutStopSec"]) > DRAIN_S
    assert f"at most {DRAIN_S} seconds" in PAGE
