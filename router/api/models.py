"""`GET /v1/models`: the names a client may write in `model`, in the shape that its kind of client reads."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from router.api.chat import headers_of, identify
from router.api.telling import ids, is_anthropics
from router.core.errors import UnknownModel
from router.core.keys import Key
from router.pipeline.dependencies import Dependencies
from router.pipeline.embedding import DIALECT
from router.runtime import Runtime


async def list_models(request: Request) -> Response:
    """`auto`, the policies, the entrypoints and the upstreams the key may use.

    OpenAI's shape; Anthropic's for a request with `anthropic-version`. Codex, which says its
    `client_version`, looks for a catalogue under `models` and is told that there is none of ours.
    """
    models = _models(request)
    if is_anthropics(request):
        return _json(request, _page([_as_anthropic(model) for model in models]))
    listed: dict[str, Any] = {"object": "list", "data": models}
    return _json(request, listed | {"models": []} if "client_version" in request.query_params else listed)


async def show_model(request: Request) -> Response:
    """One of them. Raises UnknownModel."""
    name = request.path_params["name"].rstrip("/")
    for model in _models(request):
        if model["id"] == name:
            return _json(request, _as_anthropic(model) if is_anthropics(request) else model)
    raise UnknownModel(f"The model {name!r} does not exist here. GET /v1/models lists those that do.", param="model")


def _models(request: Request) -> list[dict[str, Any]]:
    runtime: Runtime = request.app.state.runtime
    key = identify(runtime, headers_of(request.scope), has_body=False)
    deps = runtime.pipeline.deps
    created = runtime.started_s
    policies = [f"auto/{name}" for name in deps.policies if key.policy in (None, name)]
    names = dict.fromkeys(["auto", *policies, *deps.settings.entrypoints])
    listed = [_model(name, "smallfirst", created) for name in names]
    return listed + [_upstream(deps, name, created) for name in deps.upstreams if _may_use(deps, key, name)]


def _may_use(deps: Dependencies, key: Key, name: str) -> bool:
    """Whether the name gets a request there. A key's own policy decides all its requests but those for embeddings."""
    chosen = key.policy is None or deps.upstreams[name].spec.speaks == {DIALECT}
    return chosen and (not key.local_only or deps.stays(name))


def _upstream(deps: Dependencies, name: str, created: int) -> dict[str, Any]:
    """An upstream under its own name, with the model it really is and its window where that is known."""
    model = {**_model(name, "upstream", created), "root": deps.upstreams[name].spec.model}
    context = deps.facts.get(f"{name}.context")
    return model if context is None else {**model, "context_length": context, "max_model_len": context}


def _model(name: str, owner: str, created: int) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": created, "owned_by": owner}


def _as_anthropic(model: Mapping[str, Any]) -> dict[str, Any]:
    at = datetime.fromtimestamp(model["created"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"type": "model", "id": model["id"], "display_name": model["id"], "created_at": at}


def _page(models: list[dict[str, Any]]) -> dict[str, Any]:
    return {"data": models, "has_more": False, "first_id": models[0]["id"], "last_id": models[-1]["id"]}


def _json(request: Request, body: object) -> Response:
    return Response(orjson.dumps(body), headers=ids(request), media_type="application/json")
