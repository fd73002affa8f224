"""The policies of an installation: the configured folder's, and the package's where that has none."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from policies.load import load_policy
from policies.names import Names
from policies.policy import Policy
from policies.problems import PolicyErrors
from router.config.records import Config
from router.config.usage import policy_files
from router.core.errors import Problem, SetupError
from router.core.signals import CATALOGUE, FACTS


@dataclass(frozen=True, slots=True)
class Shelf:
    """Policies by name, each policy's file, and everything wrong with those that are not there."""

    policies: Mapping[str, Policy]
    files: Mapping[str, Path]
    problems: tuple[Problem, ...]


def names_of(config: Config, judges: Collection[str]) -> Names:
    """Return every name a policy may use with *config*; its upstreams must be known by now."""
    upstreams = {name: spec.local for name, spec in config.upstreams.items()}
    return Names(signals=frozenset(CATALOGUE), upstreams=upstreams, judges=judges, facts=frozenset(FACTS))


def read_shelf(config: Config, judges: Collection[str]) -> Shelf:
    """Return all policies that load, and the problems of all that do not."""
    names, files = names_of(config, judges), policy_files(config.policies.folder)
    loaded: dict[str, Policy] = {}
    problems: list[Problem] = []
    for name, path in files.items():
        try:
            policy = load_policy(path.read_text(encoding="utf-8"), source=str(path), names=names)
        except PolicyErrors as error:
            problems += [Problem(p.file, p.line, p.path, p.message, p.remedy) for p in error.problems]
        except (OSError, UnicodeDecodeError):
            problems.append(Problem(str(path), None, "policy", "cannot be read", "make it a readable UTF-8 file"))
        else:
            loaded[name] = policy
            if policy.name != name:
                message = f"the file is called {path.name}, the policy '{policy.name}'"
                problems.append(Problem(str(path), None, "policy", message, "give both the same name"))
    return Shelf(loaded, files, tuple(problems))


def load_policies(config: Config, judges: Collection[str]) -> Mapping[str, Policy]:
    """Return every policy by name; raises `SetupError` with all that is wrong with any of them."""
    shelf = read_shelf(config, judges)
    if shelf.problems:
        raise SetupError(shelf.problems)
    return shelf.policies
