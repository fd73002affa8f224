"""`GET /v1/models`: the names a client may write in `model`."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from router.api.chat import identify
from router.core.errors import UnknownModel
from router.runtime import Runtime


async def list_models(request: Request) -> Response:
    """`auto`, the policies, the entrypoints and the upstreams, in OpenAI's shape."""
    return _json({"object": "list", "data": _models(request)})


async def show_model(request: Request) -> Response:
    """One of them. Raises UnknownModel."""
    name = request.path_params["name"]
    for model in _models(request):
        if model["id"] == name:
            return _json(model)
    raise UnknownModel(f"The model {name!r} does not exist here. GET /v1/models lists those that do.", param="model")


def _models(request: Request) -> list[dict[str, Any]]:
    runtime: Runtime = request.app.state.runtime
    identify(runtime, request.headers, has_body=False)
    kit = runtime.line.kit
    policies = [f"auto/{name}" for name in kit.policies]
    names = dict.fromkeys(["auto", *policies, *kit.settings.entrypoints], "smallfirst")
    upstreams = {name: upstream.spec.model for name, upstream in kit.upstreams.items()}
    listed = [_model(name, owner) for name, owner in names.items()]
    return listed + [{**_model(name, "upstream"), "root": model} for name, model in upstreams.items()]


def _model(name: str, owner: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": owner}


def _json(body: object) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")
