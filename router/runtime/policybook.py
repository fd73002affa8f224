"""Loads the policies in force: those of the configured folder, then those in the package."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from policies.load import load_policy
from policies.names import Names
from policies.policy import Policy
from policies.problems import PolicyErrors
from router.config.records import Config
from router.core.errors import Problem, SetupError
from router.core.prices import PriceState
from router.core.signals import CATALOGUE, FACTS, PRIVATE, READ
from router.core.upstream import UpstreamSpec
from router.judges import KINDS

LOCAL_ONLY = "local_only"


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """One policy file: its name without .yaml, its text and its path."""

    name: str
    text: str
    source: str


def names_of(upstreams: Mapping[str, UpstreamSpec]) -> Names:
    """Every name that a policy may use with these upstreams."""
    return _names({name: spec.local for name, spec in upstreams.items()})


def _names(local: Mapping[str, bool]) -> Names:
    return Names(
        signals={*CATALOGUE, *PRIVATE, *READ, LOCAL_ONLY},
        upstreams=local,
        judges=tuple(KINDS),
        facts=tuple(FACTS),
    )


def pages(folder: Path) -> dict[str, PolicyFile]:
    """Every policy file by name. One in the folder replaces the package's of the same name."""
    packaged = {page.name: page for page in _packaged()}
    return {**packaged, **{page.name: page for page in _in_folder(folder)}}


def load_policies(config: Config, upstreams: Mapping[str, UpstreamSpec]) -> dict[str, Policy]:
    """Every policy in the folder, and those of the package that this configuration can carry out.

    Raises SetupError with all problems of all files. A packaged policy that names an upstream which this config lacks
    is silently left out, unless it is asked for.
    """
    names = names_of(upstreams)
    policies: dict[str, Policy] = {}
    problems: list[Problem] = []
    asked = {config.policies.default, *(entry.policy for entry in config.entrypoints.values())}
    for page in pages(config.policies.folder).values():
        try:
            policies[page.name] = load_policy(page.text, source=page.source, names=names)
        except PolicyErrors as errors:
            if _ours(page, config.policies.folder) or page.name in asked:
                problems += errors.problems
    missing = sorted(asked - policies.keys()) if not problems else []
    known = ", ".join(policies) or "none"
    problems += [
        Problem(str(config.path), None, "policies", f"no policy is called '{name}'", f"known are: {known}")
        for name in missing
    ]
    for policy in policies.values():
        problems += [*_unpriced(policy, upstreams), *_alone(policy, upstreams)]
    if problems:
        raise SetupError(problems)
    return policies


def mistakes(folder: Path, upstreams: Mapping[str, bool]) -> list[Problem]:
    """Every mistake in the policies of *folder*, for a configuration that is wrong itself.

    *upstreams* are those it names, each with whether it is marked local.
    Raises SetupError for a file that cannot be read.
    """
    found: list[Problem] = []
    for page in _in_folder(folder):
        try:
            load_policy(page.text, source=page.source, names=_names(upstreams))
        except PolicyErrors as errors:
            found += errors.problems
    return found


def _unpriced(policy: Policy, upstreams: Mapping[str, UpstreamSpec]) -> Iterator[Problem]:
    """A budget in dollars that cannot be kept, because what it counts has no price."""
    for name in policy.upstreams if policy.spill else ():
        spec = upstreams[name]
        if not spec.local and spec.price.state is PriceState.UNKNOWN:
            message = f"counts dollars, and the price of '{name}' is not known"
            yield Problem(policy.source, None, "spill", message, f"write upstreams.{name}.price in config.yaml")


def _alone(policy: Policy, upstreams: Mapping[str, UpstreamSpec]) -> Iterator[Problem]:
    """A hedged call to a local upstream on one machine, where it would only wait for the first call."""
    for rule in (*policy.rules, policy.otherwise):
        for step in rule.plan.steps:
            spec = upstreams[step.upstream]
            if step.hedge_ms is not None and spec.local and len(spec.urls) < 2:
                message = f"'hedge_ms' does nothing: '{spec.name}' is one machine, busy with the first call"
                remedy = "name the others under `urls:`, or write `first_token_ms` to ask the next step"
                yield Problem(policy.source, None, f"{rule.name}.plan", message, remedy)


def _ours(page: PolicyFile, folder: Path) -> bool:
    return page.source.startswith(str(folder))


def _packaged() -> Iterator[PolicyFile]:
    for entry in sorted(files("policies").iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".yaml"):
            yield PolicyFile(
                entry.name.removesuffix(".yaml"), entry.read_text(encoding="utf-8"), f"smallfirst:{entry.name}"
            )


def _in_folder(folder: Path) -> Iterator[PolicyFile]:
    for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
        try:
            yield PolicyFile(path.stem, path.read_text(encoding="utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            remedy = "save it as UTF-8 text, or move it out of the policies folder"
            raise SetupError([Problem(str(path), None, "", f"cannot be read: {error}", remedy)]) from error
