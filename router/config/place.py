"""Where the ledger and the policies of a configuration lie: all that a command needs which asks no upstream."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from router.config.document import read_doubtful
from router.config.load import written
from router.config.records import PolicySettings, StoreSettings
from router.config.references import Outside, environment, resolve
from router.config.section import Findings, Section
from router.config.settings import read_policies, read_store
from router.core.errors import SetupError


@dataclass(frozen=True, slots=True)
class Place:
    """The store and the policies that a config.yaml names, and the folder it lies in."""

    folder: Path
    store: StoreSettings
    policies: PolicySettings


def load_place(path: Path, *, environ: Mapping[str, str] | None = None) -> Place:
    """The place that *path* names, whatever else stands in it: a mistake elsewhere, or a variable that only the
    server's own environment has, must not keep anybody from pausing or from revoking a key.

    Raises `SetupError` where the file cannot be read, or what it says of store and policies is wrong.
    """
    outside = Outside(environment() if environ is None else environ, path.absolute().parent)
    document, _ = read_doubtful(written(path), str(path))
    findings = Findings(str(path))
    top = Section(resolve(document, outside), "", findings)
    store = read_store(top.section("store"), outside.folder)
    policies = read_policies(top.section("policies"), outside.folder)
    if problems := [*findings.problems, *findings.unset]:
        raise SetupError(problems)
    return Place(outside.folder, store, policies)
