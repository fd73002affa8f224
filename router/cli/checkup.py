"""What `check` looks at, one thing after the other, so that no mistake hides another."""

import asyncio
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from router.cli.local import RUNNER, UNSERVED
from router.cli.selftests import policy_tests
from router.config import Config, load_config
from router.config.discover import settled
from router.config.pricebook import read_books
from router.config.settings import MEMORY
from router.config.usage import outline
from router.core.errors import Problem, SetupError
from router.core.families import traits_of
from router.core.ports import Explorable
from router.core.upstream import UpstreamSpec, UpstreamState
from router.pipeline.pause import Pause, pause_file
from router.reports.backing import Grounds, by_hand, keeping_nothing, unmeasured, unproven
from router.runtime.building import digests_of, grounds_of, load_classifier, with_gguf_path
from router.runtime.policybook import load_policies, mistakes
from router.store.standing import schema_status
from router.upstreams import build


@dataclass(slots=True)
class CheckResult:
    """What was found: lines that say what is there, doubts, and mistakes."""

    lines: list[str] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


async def checkup(path: Path, *, ask: bool) -> CheckResult:
    """Return everything that is right and wrong with the installation that *path* describes.

    Nothing is changed, no answer is asked for and nothing is spent; with *ask* each server is asked for its state. If
    the configuration itself is wrong, only the policies are read as well, with the upstreams that it names.
    """
    checked = CheckResult()
    try:
        config, discovery = await settled(load_config(path))
    except SetupError as error:
        checked.problems.extend(error.problems)
        _check_policies_alone(path, checked)
        return checked
    unserved = discovery is not None and discovery.world.builtin and find_spec(RUNNER) is None
    checked.warnings.extend(config.warnings)
    checked.lines.append(f"config     {path} ({config.digest})")
    checked.lines += [f"           {line}" for line in (discovery.lines if discovery else ())]
    grounds = _check_policies(config, checked)
    _check_classifier(config, grounds, checked)
    _check_pause(config, checked)
    _check_store(config, checked)
    _say_books(config, checked)
    if unserved:
        checked.problems.append(UNSERVED)
    else:
        await _check_upstreams(config, checked, ask=ask)
    return checked


def _check_policies_alone(path: Path, checked: CheckResult) -> None:
    found = outline(path)
    if found is None:
        return
    try:
        checked.problems.extend(mistakes(found.policies, found.upstreams))
    except SetupError as error:
        checked.problems.extend(error.problems)


def _check_policies(config: Config, checked: CheckResult) -> Grounds | None:
    """What they decide by; None where one of them is wrong."""
    try:
        policies = load_policies(config, config.upstreams)
    except SetupError as error:
        checked.problems.extend(error.problems)
        return None
    for policy in policies.values():
        checked.problems.extend(policy_tests(config, policy))
        if policy.audit.share:
            place = f"policy {policy.name}", None, "audit"
            checked.warnings.append(Problem(*place, "grades nothing yet", "it comes with a later release"))
    names = [f"{name} (default)" if name == config.policies.default else name for name in policies]
    checked.lines.append(f"policies   {', '.join(names)}")
    grounds = grounds_of(config, policies)
    checked.lines += [f"           {line}" for line in by_hand(grounds)]
    checked.warnings.extend((*unproven(grounds), *keeping_nothing(grounds)))
    return grounds


def _check_classifier(config: Config, grounds: Grounds | None, checked: CheckResult) -> None:
    try:
        classifier = load_classifier(config)
        checked.lines.append(f"classifier {config.classifier.artifact}")
        if grounds is not None:
            checked.warnings.extend(unmeasured(grounds.policies, classifier, digests_of(config.upstreams)))
    except SetupError as error:
        checked.problems.extend(error.problems)
    except OSError:
        pass  # weights that are not there are told with their upstream


def _check_pause(config: Config, checked: CheckResult) -> None:
    pause = Pause(pause_file(config.store.url, config.path.parent))
    pause.refresh()
    if pause.keys:
        message = f"paused for {pause.whose}: the baseline answers"
        checked.warnings.append(Problem(str(pause.path), None, "", message, "`smallfirst resume` ends it"))


def _check_store(config: Config, checked: CheckResult) -> None:
    if config.store.url == MEMORY:
        checked.lines.append("store      in memory: what it holds is gone at the end")
        return
    try:
        checked.lines.append(f"store      {schema_status(config.store.url)}")
    except SetupError as error:
        checked.problems.extend(error.problems)


def _say_books(config: Config, checked: CheckResult) -> None:
    """The price books that a row without a price is looked up in; a broken one was a problem of the configuration."""
    books = [f"{book.name} ({book.count} models)" for book in read_books(config.prices, Path(config.prices))]
    checked.lines.append(f"prices     {', then '.join(books) or 'only those of the configuration'}")


async def _check_upstreams(config: Config, checked: CheckResult, *, ask: bool) -> None:
    specs = list(config.upstreams.values())
    states = await asyncio.gather(*(_state(spec, checked, ask=ask) for spec in specs))
    for spec, state in zip(specs, states, strict=True):
        said = ": ".join(filter(None, (state.phase, state.detail))) if state else ""
        line = f"{spec.name:<10} {spec.kind:<9} {spec.model:<28} price {spec.price.words:<8} {said}"
        checked.lines.append(f"upstream   {line}".rstrip())
        if lacks := traits_of(spec, state).lacks:
            checked.lines.append(f"           cannot do {', '.join(sorted(lacks))} (docs/upstreams.md)")
        if state and state.phase in ("absent", "failing"):
            remedy = "start the server or mend `url:`; until then requests fall to the next step of the plan"
            problem = Problem(str(config.path), None, f"upstreams.{spec.name}", f"it is {said}", remedy)
            checked.problems.append(problem)


async def _state(spec: UpstreamSpec, checked: CheckResult, *, ask: bool) -> UpstreamState | None:
    """The state that its server reports; None with --offline, or for a server that only `serve` starts."""
    if spec.kind == "recorded":
        return None
    try:
        upstream = build(with_gguf_path(spec))
    except SetupError as error:
        checked.problems.extend(error.problems)
        return None
    try:
        if not ask or spec.kind == "llamacpp":
            return None
        state = await upstream.state()
        if isinstance(upstream, Explorable):
            await upstream.explore(tokens=False)
            state = await upstream.state()
        return state
    finally:
        await upstream.aclose()
