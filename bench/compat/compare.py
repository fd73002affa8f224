"""One black-box suite for OpenAI-compatible proxies, run against smallfirst and then against LiteLLM's proxy.

    python bench/compat/compare.py SUITE --python SUITE_PYTHON --litellm LITELLM

SUITE is a folder of pytest files that reads its target from COMPAT_* variables and scripts its upstream on port 19100;
SUITE_PYTHON an interpreter that has what it imports; LITELLM the command of an installed `litellm[proxy]`.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).parent
KEY = "sk-proxy-client-key-1"
FEATURES = "models,auth,embeddings,completions,responses,messages,health"
READY_S = 120


@dataclass(frozen=True, eq=False)
class Target:
    """A proxy under test: how it is started, and where it says that it is well."""

    name: str
    version: str
    command: list[str]
    port: int
    health: str


@contextmanager
def running(target: Target, folder: Path) -> Iterator[Path]:
    """Start *target* in *folder*; its log."""
    log = folder / f"{target.name}.log"
    environ = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False"}
    with log.open("wb") as out:
        process = subprocess.Popen(target.command, cwd=folder, stdout=out, stderr=out, env=environ)
        try:
            wait(target, log)
            yield log
        finally:
            process.terminate()
            process.wait(timeout=60)


def wait(target: Target, log: Path) -> None:
    """Return once *target* answers at all; exits where it does not."""
    for _ in range(READY_S * 4):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{target.port}{target.health}", timeout=2)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.25)
    sys.exit(f"{target.name} does not answer; see {log}")


def ask(target: Target, options: argparse.Namespace, folder: Path) -> dict[str, str]:
    """Run the suite against *target*; how each of its checks ended."""
    report = folder / f"{target.name}.xml"
    with running(target, folder) as log:
        environ = {
            **os.environ,
            "COMPAT_BASE_URL": f"http://127.0.0.1:{target.port}/v1",
            "COMPAT_API_KEY": KEY,
            "COMPAT_MODEL": "mock-1",
            "COMPAT_MODEL_DEAD": "dead-1",
            "COMPAT_UPSTREAM_TIMEOUT": "5",
            "COMPAT_PROXY_LOG": str(log),
            "COMPAT_HEALTH_PATH": target.health,
            "COMPAT_FEATURES": FEATURES,
        }
        command = [
            str(options.python),
            "-m",
            "pytest",
            "-q",
            "--tb=short",
            "--timeout",
            "100",
            f"--junitxml={report}",
            *options.more,
        ]
        subprocess.run([*command, "-p", "no:cacheprovider"], cwd=options.suite, env=environ, check=False)
    return outcomes(report)


def outcomes(report: Path) -> dict[str, str]:
    """Read a JUnit file: passed, failed or skipped by the name of the check."""
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        tags = {child.tag for child in case}
        ended = "failed" if tags & {"failure", "error"} else "skipped" if "skipped" in tags else "passed"
        found[f"{case.get('classname')}.{case.get('name')}"] = ended
    return found


def smallfirst(folder: Path) -> Target:
    """Ours, as this folder configures it; the ledger lies in *folder*."""
    command = str(Path(sys.executable).parent / "smallfirst")
    shutil.copy(HERE / "config.yaml", folder)
    shutil.copytree(HERE / "policies", folder / "policies")
    subprocess.run([command, "keys", "import", "client", KEY], cwd=folder, check=True, capture_output=True)
    version = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    return Target("smallfirst", version, [command, "serve"], 14000, "/healthz")


def litellm(command: str) -> Target:
    """LiteLLM's proxy on the same upstream, without retries."""
    shown = subprocess.run([command, "--version"], capture_output=True, text=True, check=False,
                          env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"})  # fmt: skip
    version = re.search(r"[0-9]+\.[0-9.]+", shown.stdout)
    config = str(HERE / "litellm.yaml")
    start = [command, "--config", config, "--host", "127.0.0.1", "--port", "14001"]
    return Target("LiteLLM proxy", version[0] if version else "?", start, 14001, "/health/liveliness")


def main() -> None:
    """Run it and print the table; every check that failed is named."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("suite", type=Path)
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--litellm", type=Path, required=True)
    options, options.more = parser.parse_known_args()
    for name in ("suite", "python", "litellm"):  # each proxy and the suite run in folders of their own
        setattr(options, name, getattr(options, name).absolute())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        targets = [smallfirst(folder), litellm(str(options.litellm))]
        found = {target: ask(target, options, folder) for target in targets}
    for target, ended in found.items():
        for check in sorted(check for check, how in ended.items() if how == "failed"):
            print(f"{target.name} FAILED {check}")
    print("| target | passed | failed | skipped |\n|---|---|---|---|")
    for target, ended in found.items():
        counts = [list(ended.values()).count(how) for how in ("passed", "failed", "skipped")]
        print(f"| {target.name} {target.version} | {' | '.join(map(str, counts))} |")


if __name__ == "__main__":
    main()
