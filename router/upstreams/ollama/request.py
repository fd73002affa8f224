"""A chat body in OpenAI's shape as the body of Ollama's `POST /api/chat`."""

import binascii
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from router.core.errors import UpstreamRefused

OPTIONS = (
    *("temperature", "top_p", "seed", "frequency_penalty", "presence_penalty"),
    *("top_k", "min_p", "repeat_penalty", "typical_p", "mirostat", "repeat_last_n"),
)
EFFORTS: Mapping[str, bool | str] = {
    "none": False,
    **dict.fromkeys(("minimal", "low"), "low"),
    "medium": "medium",
    **dict.fromkeys(("high", "xhigh", "max"), "high"),
}
ROLES = {"developer": "system", "function": "tool"}


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """How every request to one model goes out. `window`: `num_ctx`, None leaves it to the server.

    `keep_alive` and `think` are the operator's; `thinks` says whether the model has a switch for it.
    """

    model: str
    window: int | None = None
    keep_alive: str | float | None = None
    think: bool | str | None = None
    thinks: bool = False


def native(name: str, body: Mapping[str, Any], options: ModelOptions) -> bytes:
    """The native body for `body`, which goes to the upstream `name`.

    `truncate: false` and `shift: false` make the server refuse a prompt that it would have cut. Of
    the client's own `options` all but `num_ctx` are kept: another window would load the model again.
    Raises UpstreamRefused `unsupported_value` for what this API cannot say, so that the next step
    of the plan is asked.
    """
    _refuse_unsayable(name, body)
    said: dict[str, Any] = {
        "model": options.model,
        "messages": _messages(name, body["messages"]),
        "stream": bool(body.get("stream")),
        "truncate": False,
        "shift": False,
        "options": _options(body, options.window),
    }
    tools = body.get("tools")
    if tools and body.get("tool_choice") != "none":
        said["tools"] = tools
    optional = {
        "format": _format(body.get("response_format")),
        "think": _think(body, options),
        "keep_alive": options.keep_alive,
        "logprobs": True if body.get("logprobs") else None,
        "top_logprobs": body.get("top_logprobs") if body.get("logprobs") else None,
    }
    return orjson.dumps(said | {key: value for key, value in optional.items() if value is not None})


def load_order(options: ModelOptions) -> bytes:
    """The body that loads the model and says nothing: no messages, the same window as every request."""
    said: dict[str, Any] = {"model": options.model, "messages": [], "stream": False}
    if options.window:
        said["options"] = {"num_ctx": options.window}
    if options.keep_alive is not None:
        said["keep_alive"] = options.keep_alive
    return orjson.dumps(said)


def _refuse_unsayable(name: str, body: Mapping[str, Any]) -> None:
    choice = body.get("tool_choice")
    found = {
        "n": body.get("n") not in (None, 1),
        "tool_choice": choice not in (None, "auto", "none"),
        "logit_bias": bool(body.get("logit_bias")),
        "functions": bool(body.get("functions")),
        "audio": bool(body.get("audio")),
        "prediction": bool(body.get("prediction")),
    }
    for key, there in found.items():
        if there:
            raise unsupported(name, key)


def unsupported(name: str, what: str) -> UpstreamRefused:
    """The refusal of a field that Ollama's API has no word for; nothing was sent."""
    message = f"upstream {name!r}: Ollama's API does not support this value of `{what}`"
    error = {"message": message, "type": "invalid_request_error", "param": what, "code": "unsupported_value"}
    return UpstreamRefused(
        message, upstream=name, upstream_status=400, code="unsupported_value", body=orjson.dumps({"error": error})
    )


def _options(body: Mapping[str, Any], window: int | None) -> dict[str, Any]:
    own = body.get("options")
    options = {**own} if isinstance(own, dict) else {}
    options |= {key: body[key] for key in OPTIONS if body.get(key) is not None}
    limit = body.get("max_completion_tokens") if body.get("max_completion_tokens") is not None else None
    limit = body.get("max_tokens") if limit is None else limit
    if limit is not None:
        options["num_predict"] = limit
    if stop := body.get("stop"):
        options["stop"] = [stop] if isinstance(stop, str) else stop
    options.pop("num_ctx", None)
    return options | {"num_ctx": window} if window else options


def _format(asked: object) -> object:
    """`json`, or the schema itself; None for text."""
    if not isinstance(asked, dict):
        return None
    if asked.get("type") == "json_object":
        return "json"
    schema = (asked.get("json_schema") or {}).get("schema") if asked.get("type") == "json_schema" else None
    return schema if isinstance(schema, dict) else ("json" if asked.get("type") == "json_schema" else None)


def _think(body: Mapping[str, Any], options: ModelOptions) -> bool | str | None:
    """What the client said of its effort, else the operator's; nothing for a model without the switch."""
    if not options.thinks:
        return None
    effort = body.get("reasoning_effort")
    return EFFORTS.get(effort, options.think) if isinstance(effort, str) else options.think


def _messages(name: str, messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    called: dict[str, str] = {}
    said = []
    for message in messages:
        role = message["role"]
        one: dict[str, Any] = {"role": ROLES.get(role, role), **_content(name, message.get("content"))}
        if calls := message.get("tool_calls"):
            one["tool_calls"] = [_call(call, called) for call in calls if isinstance(call, dict)]
        thinking = message.get("reasoning_content") or message.get("reasoning")
        if role == "assistant" and isinstance(thinking, str):
            one["thinking"] = thinking
        if one["role"] == "tool":
            one |= _result(message, called)
        said.append(one)
    return said


def _content(name: str, content: object) -> dict[str, Any]:
    if not isinstance(content, list):
        return {"content": content if isinstance(content, str) else ""}
    texts, images = [], []
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind in ("text", "refusal"):
            texts.append(str(part.get(kind) or ""))
        elif kind == "image_url":
            images.append(_image(name, part.get("image_url")))
        else:
            raise unsupported(name, f"content of type {kind}")
    return {"content": "".join(texts), **({"images": images} if images else {})}


def _image(name: str, image: object) -> str:
    """The bytes of a `data:` address in base64; nothing is ever fetched."""
    url = image.get("url") if isinstance(image, dict) else image
    head, _, data = str(url).partition(",")
    if not (head.startswith("data:") and head.endswith(";base64")):
        raise unsupported(name, "image_url that is not a data: address")
    try:
        b64decode(data, validate=True)
    except binascii.Error as error:
        raise unsupported(name, "image_url that is not base64") from error
    return data


def _call(call: Mapping[str, Any], called: dict[str, str]) -> dict[str, Any]:
    """A call of an earlier turn. Arguments are an object here; text that is none travels as `{"text": …}`."""
    function = call.get("function") or {}
    tool, arguments = str(function.get("name", "")), function.get("arguments")
    if isinstance(arguments, str):
        try:
            arguments = orjson.loads(arguments or "{}")
        except orjson.JSONDecodeError:
            arguments = {"text": arguments}
    one: dict[str, Any] = {
        "function": {"name": tool, "arguments": arguments if isinstance(arguments, dict) else {"value": arguments}}
    }
    if isinstance(call.get("id"), str):
        called[call["id"]] = tool
        one["id"] = call["id"]
    return one


def _result(message: Mapping[str, Any], called: Mapping[str, str]) -> dict[str, str]:
    """Which call a tool's result answers: by name, as Ollama has it, and by id, which newer ones read too."""
    number = message.get("tool_call_id")
    found = {"tool_name": called.get(str(number), str(message.get("name") or ""))}
    return found | {"tool_call_id": number} if isinstance(number, str) else found
