"""Chooses the one upstream that embeds. There is no fallback, as another model's vectors would not be comparable."""

from msgspec.structs import replace

from router.core.errors import BadRequest
from router.pipeline.dependencies import Dependencies
from router.pipeline.naming import resolve
from router.pipeline.options import RequestOptions
from router.pipeline.staying import allowed

DIALECT = "embeddings"


def embedding_options(deps: Dependencies, model: str, options: RequestOptions) -> RequestOptions:
    """`options` with the upstream that is to embed filled in; no policy decides about it.

    Raises UnknownModel for an unknown name, BadRequest if no upstream makes embeddings.
    """
    policy = deps.policies.get(options.policy or "") if options.bound else None
    if policy is not None and policy.keeps:
        options = replace(options, local_only=True)  # no rule is asked, and one of the key's may keep this here
    name = options.upstream or named_upstream(deps, model)
    if name is None:
        resolve(deps, model, replace(options, policy=None))
        name = first_maker(deps, options)
    return replace(options, upstream=name, policy=None)


def named_upstream(deps: Dependencies, model: str) -> str | None:
    """The upstream that `model` names: by its own name, its model's, or as an entrypoint's baseline; else None."""
    if model in deps.upstreams:
        return model
    for name, upstream in deps.upstreams.items():
        if upstream.spec.model == model and DIALECT in upstream.spec.speaks:
            return name
    entrypoint = deps.settings.entrypoints.get(model)
    if entrypoint is not None and entrypoint.baseline in makers_of_embeddings(deps):
        return entrypoint.baseline
    return None


def makers_of_embeddings(deps: Dependencies) -> list[str]:
    """The upstreams that make embeddings: those that do nothing else first, then in the config's order."""
    speaking = [name for name, upstream in deps.upstreams.items() if DIALECT in upstream.spec.speaks]
    return sorted(speaking, key=lambda name: deps.upstreams[name].spec.speaks != {DIALECT})


def first_maker(deps: Dependencies, options: RequestOptions) -> str:
    """The first upstream that makes embeddings, may see the request and is not known to be unavailable.

    Raises BadRequest if none makes embeddings.
    """
    seen_by = allowed(deps, options.tags)
    found = [name for name in makers_of_embeddings(deps) if seen_by is None or name in seen_by]
    found = [name for name in found if deps.stays(name) or not options.local_only]
    if not found:
        where = "local upstream" if options.local_only else "upstream"
        message = f"No {where} makes embeddings. Add one with `speaks: [embeddings]`."
        raise BadRequest(message, param="model", code="unsupported_parameter")
    return next((name for name in found if deps.facts.get(f"{name}.ready") is not False), found[0])
