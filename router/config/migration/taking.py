"""Reads a whole litellm.yaml, and makes everything that it becomes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from router.config.document import Node, read_document
from router.config.migration.deployment import REFERENCE, Deployment, Secrets, read_deployment, referred
from router.config.migration.fates import (
    GENERAL,
    LITELLM,
    QUIET_GENERAL,
    QUIET_LITELLM,
    QUIET_ROUTER,
    ROUTER,
    TOP,
)
from router.config.migration.part import Leftovers, Part, parts
from router.config.migration.routing import read_routing
from router.config.migration.text import HEAD, config_text, policy_text, remarks
from router.config.migration.world import OBSERVE, Layout, lay_out
from router.core.errors import Problem, SetupError
from router.core.upstream import UpstreamSpec

MAX_ALIASES = 500  # one for each model that shares its parameters; what they unfold to is bounded all the same
EXTRA = "these models are spoken to through litellm's own translation", 'run `pip install "smallfirst[litellm]"`'


@dataclass(frozen=True, slots=True)
class Migrated:
    """What is written: config.yaml and the policies by name; and what is left, each with its line and a remedy."""

    config: str
    policies: Mapping[str, str]
    left: tuple[Problem, ...]
    lines: tuple[str, ...]


def take_over(data: bytes, file: str, stand_in: UpstreamSpec) -> Migrated:
    """Return what the litellm.yaml *data*, called *file*, becomes.

    *stand_in* is the small model where the file names no local one. Raises `SetupError` for what
    is no YAML and for a file without a model that is available here. No secret that stands in it is copied.
    """
    left = Leftovers(file)
    top = Part(read_document(data, file, aliases=MAX_ALIASES), "", left)
    litellm, router = top.part("litellm_settings"), top.part("router_settings")
    routing = read_routing(litellm, router)
    laid = lay_out(tuple(_deployments(top.take("model_list"), left)), routing, left)
    if not laid.chains:
        remedy = "see what is listed for each entry, and write its model under `upstreams:` yourself"
        raise SetupError(
            [*_ordered(left), Problem(file, top.line, "model_list", "no chat model is available here", remedy)]
        )
    door = tuple(_door(top.part("general_settings")))
    litellm.leave(LITELLM, QUIET_LITELLM)
    router.leave(ROUTER, QUIET_ROUTER)
    _look_after(top, laid)
    policies = {chain.policy: policy_text(chain, file) for chain in laid.chains if chain.policy != OBSERVE}
    notes = _ordered(left)
    text = HEAD.format(file=file) + config_text(laid, routing, door, stand_in) + remarks(notes)
    return Migrated(text, policies, notes, tuple(_lines(laid)))


def _deployments(models: Node | None, left: Leftovers) -> Iterator[Deployment]:
    secrets = Secrets()
    for entry in parts(models, "model_list", left):
        group = entry.text("model_name")
        if not group:
            entry.note("model_name", "an entry without a name", "give it the name that clients write")
            continue
        deployment = read_deployment(entry, group, secrets)
        if deployment is not None and not (deployment.url or deployment.kind in ("anthropic", "litellm")):
            entry.note("litellm_params", "names no `api_base`", "write the server's address under `url:`")
        elif deployment is not None:
            yield deployment


def _door(general: Part) -> Iterator[str]:
    """The lines that say who may ask. A master key becomes one key among others, taken over by hand."""
    written = general.text("master_key")
    locked = bool(written) or any(map(general.pairs.get, ("database_url", "custom_auth", "enable_jwt_auth")))
    if written:
        variable = referred(written)[2:-1] if REFERENCE.fullmatch(referred(written)) else ""
        command = f'smallfirst keys import clients "${variable}"' if variable else "smallfirst keys import clients"
        asked = "" if variable else ", which asks for it,"
        remedy = f"run `{command}`{asked} and clients keep the key they have"
        general.note("master_key", "clients' keys live in the ledger, hashed, and no secret is copied", remedy)
    general.leave(GENERAL, QUIET_GENERAL)
    if locked:
        yield "auth: required           # every client shows a key: smallfirst keys add NAME"


def _look_after(top: Part, laid: Layout) -> None:
    variables = top.part("environment_variables")
    for name in variables.pairs:
        variables.note(name, "variables are not set from a file", f"export {name} before `serve` if it is used")
    translated = [row.deployment for row in laid.rows if row.deployment.kind == "litellm"]
    if translated:
        top.left.note(translated[0].line, "model_list", *EXTRA)
    for row in laid.rows:
        one = row.deployment
        if one.price is None and not one.local and not one.listed:
            message = f"'{one.group}' has no price in the file or in our price book"
            remedy = f"write `price: {{input: …, output: …}}` of {row.name}; until then reports name it as unknown"
            top.left.note(one.line, "model_list", message, remedy)
    top.leave(TOP, ("callback_settings",))


def _ordered(left: Leftovers) -> tuple[Problem, ...]:
    return tuple(sorted(dict.fromkeys(left.notes), key=lambda note: note.line or 0))


def _lines(laid: Layout) -> Iterator[str]:
    for row in laid.rows:
        one = row.deployment
        yield f"{row.name}: {one.model} ({one.group}, line {one.line}){', local' if one.local else ''}"
    for chain in laid.chains:
        if len(chain.steps) > 1:
            yield f"{chain.group}: {', then '.join(chain.steps)}"
    for alias, group in laid.aliases.items():
        yield f"{alias}: another name for {group}"
