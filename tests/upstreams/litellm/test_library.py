"""litellm present and quiet, or absent with the remedy."""

import subprocess
import sys
from pathlib import Path

import pytest

import router
from tests.upstreams.conftest import skip_without_litellm

ROOT = Path(router.__file__).parents[1]
BUILD = """
import sys
{hide}
from router.core.errors import SetupError
from router.core.upstream import UpstreamSpec
from router.upstreams import build
try:
    build(UpstreamSpec("big", "litellm", "gemini/gemini-2.5-pro", key="k"))
except SetupError as error:
    print("SETUP", error)
else:
    litellm = sys.modules["litellm"]
    print("BUILT", litellm.num_retries, litellm.drop_params, litellm.telemetry, "litellm.proxy" in sys.modules)
"""
# Before anything is imported: a finder that finds what Python finds, but for litellm.
HIDE = """
from importlib.machinery import PathFinder
from importlib.metadata import DistributionFinder
class Without:
    find_spec = PathFinder.find_spec
    @staticmethod
    def find_distributions(context=DistributionFinder.Context()):
        return [found for found in PathFinder.find_distributions(context) if found.name != "litellm"]
sys.meta_path[sys.meta_path.index(PathFinder)] = Without
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    return done.stdout + done.stderr


@pytest.mark.without_litellm
def test_without_litellm_the_remedy_names_pip() -> None:
    told = run(BUILD.format(hide=HIDE))
    assert "SETUP config.yaml: upstreams.big.kind: litellm is not installed" in told, told
    assert 'pip install "smallfirst[litellm]"' in told


def test_it_is_quiet_retries_nothing_and_brings_no_proxy() -> None:
    skip_without_litellm()
    assert run(BUILD.format(hide="")).splitlines()[-1] == "BUILT 0 False False False"
