"""The upstream that embeds: the one named, or the first that can; never a fallback, whose vectors would differ."""

from msgspec.structs import replace

from router.core.errors import BadRequest
from router.pipeline.deciding import RequestOptions, resolve
from router.pipeline.dependencies import Dependencies
from router.pipeline.staying import allowed

DIALECT = "embeddings"


def for_vectors(deps: Dependencies, model: str, options: RequestOptions) -> RequestOptions:
    """`options` with the one upstream that is to embed; no policy decides about it.

    Raises UnknownModel for an unknown name, BadRequest where no upstream makes embeddings.
    """
    policy = deps.policies.get(options.policy or "") if options.bound else None
    if policy is not None and policy.keeps:
        options = replace(options, local_only=True)  # the key's own rules may keep this here, and none is asked
    name = options.upstream or named(deps, model)
    if name is None:
        resolve(deps, model, replace(options, policy=None))
        name = first(deps, options)
    return replace(options, upstream=name, policy=None)


def named(deps: Dependencies, model: str) -> str | None:
    """The upstream that `model` means by itself: its name, its model's name, or an entrypoint's baseline."""
    if model in deps.upstreams:
        return model
    for name, upstream in deps.upstreams.items():
        if upstream.spec.model == model and DIALECT in upstream.spec.speaks:
            return name
    entrypoint = deps.settings.entrypoints.get(model)
    if entrypoint is not None and entrypoint.baseline in able(deps):
        return entrypoint.baseline
    return None


def able(deps: Dependencies) -> list[str]:
    """The upstreams that make embeddings: first those that do nothing else, then the config's order."""
    speaking = [name for name, upstream in deps.upstreams.items() if DIALECT in upstream.spec.speaks]
    return sorted(speaking, key=lambda name: deps.upstreams[name].spec.speaks != {DIALECT})


def first(deps: Dependencies, options: RequestOptions) -> str:
    """The first that can, may, and is not known to be unavailable. Raises BadRequest where none makes embeddings."""
    seen_by = allowed(deps, options.tags)
    found = [name for name in able(deps) if seen_by is None or name in seen_by]
    found = [name for name in found if deps.stays(name) or not options.local_only]
    if not found:
        where = "local upstream" if options.local_only else "upstream"
        message = f"No {where} makes embeddings. Add one with `speaks: [embeddings]`."
        raise BadRequest(message, param="model", code="unsupported_parameter")
    return next((name for name in found if deps.facts.get(f"{name}.ready") is not False), found[0])
