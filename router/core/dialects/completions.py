"""OpenAI's completions, the dialect before chat: a prompt in, its continuation out."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from router.core.dialects.chat import MAX_MESSAGES, error_event, http_error
from router.core.dialects.dialect import Translated
from router.core.dialects.native.texts import TextReader
from router.core.dialects.reading import Reading, count_in, flag_in, missing, model_in, object_in, options_in, wrong
from router.core.errors import RouterError
from router.core.reply import text_of

_MOVED = (
    "messages tools tool_choice functions function_call response_format modalities audio max_completion_tokens".split()
)
_READ = frozenset({"prompt", "suffix", "echo", "best_of", "logprobs"})
_REASONS = ("length", "content_filter")
_TAKEN = ("id", "object", "choices", "usage")


class Completions:
    """`/v1/completions`.

    `native` is for a request that an upstream of this dialect will get as it came: what chat cannot
    do (tokens, several prompts, a suffix, `best_of`) is then noted in `stripped`, not refused, and
    the chat body serves to decide by.
    """

    name = "completions"
    path = "/v1/completions"

    def __init__(self, *, native: bool = False) -> None:
        self._native = native

    def parse(self, raw: bytes) -> Translated:
        """The request in `raw`. Raises BadRequest naming the parameter."""
        body, reading = object_in(raw), Reading(native=self._native)
        model, stream = model_in(body), flag_in(body, "stream")
        prompts = _prompts(body, reading)
        _refuse(body, reading)
        chat = {name: value for name, value in body.items() if name not in _READ and name not in _MOVED}
        chat["messages"] = [{"role": "user", "content": prompt} for prompt in prompts]
        top = count_in(body, "logprobs")
        if top is not None:
            chat |= {"logprobs": True, "top_logprobs": top}
        return Translated(
            raw=raw,
            body=body,
            chat=chat,
            model=model,
            stream=stream,
            wants_usage=bool(options_in(body, "stream_options").get("include_usage")),
            max_tokens=count_in(body, "max_tokens"),
            stripped=tuple(reading.stripped),
        )

    def reply(self, request: Translated, completion: Mapping[str, Any]) -> bytes:
        """The text completion that a chat completion becomes."""
        choices = [_choice(choice, choice.get("message"), _echo(request), 0) for choice in _choices(completion)]
        usage = completion.get("usage")
        reply = {**_head(completion), "choices": choices}
        return orjson.dumps(reply | ({"usage": usage} if usage else {}))

    def writer(self, request: Translated) -> "CompletionsWriter":
        """A fresh writer for one stream."""
        return CompletionsWriter(request)

    def reader(self) -> TextReader:
        """A fresh reader of what an upstream of this dialect answers."""
        return TextReader()

    def http_error(self, error: RouterError) -> tuple[int, str, bytes]:
        """Status, content type and body, the same as chat's."""
        return http_error(error)

    def error_event(self, error: RouterError) -> bytes:
        """The same inside a stream that has begun; no [DONE] follows."""
        return error_event(error)


class CompletionsWriter:
    """Turns chat chunks into chunks of text. With `echo` the prompt comes first, once for each choice."""

    def __init__(self, request: Translated) -> None:
        self._wants_usage = request.wants_usage
        self._echo = _echo(request)
        self._lengths: dict[int, int] = {}

    def feed(self, chunk: Mapping[str, Any]) -> bytes:
        """The chunk that one chat chunk becomes; b"" for one that says nothing here, as the role alone."""
        choices = [choice for choice in map(self._choice, _choices(chunk)) if _says(choice)]
        usage = chunk.get("usage") if self._wants_usage else None
        if not choices and not usage:
            return b""
        shown: dict[str, Any] = {**_head(chunk), "choices": choices}
        if self._wants_usage:
            shown["usage"] = usage
        return b"data: " + orjson.dumps(shown) + b"\n\n"

    def end(self) -> bytes:
        """`data: [DONE]`."""
        return b"data: [DONE]\n\n"

    def fail(self, error: RouterError) -> bytes:
        """The error object as an event; no [DONE] follows."""
        return error_event(error)

    def _choice(self, choice: Mapping[str, Any]) -> dict[str, Any]:
        index = _index(choice)
        offset = self._lengths.get(index, 0)
        shown = _choice(choice, choice.get("delta"), "" if index in self._lengths else self._echo, offset)
        self._lengths[index] = offset + len(shown["text"])
        return shown


def _prompts(body: Mapping[str, Any], reading: Reading) -> list[str]:
    """The prompts that are text; tokens are known only to the model they were made for."""
    prompt = body.get("prompt")
    if prompt is None or prompt == []:
        raise missing("prompt", "a string")
    if isinstance(prompt, str):
        return [prompt]
    if not isinstance(prompt, list):
        raise wrong("prompt", "a string or a list")
    if all(isinstance(one, str) for one in prompt):
        if len(prompt) > MAX_MESSAGES:
            raise wrong("prompt", f"at most {MAX_MESSAGES} prompts", "array_above_max_length")
        if len(prompt) > 1:
            reading.refuse("prompt", "a chat answers one prompt. Send a request for each.")
        return prompt
    if not (_are_tokens(prompt) or all(_are_tokens(one) for one in prompt)):
        raise wrong("prompt", "a string, a list of strings, or tokens")
    reading.refuse("prompt", "tokens mean something to one model only. Send the prompt as text.")
    return [""]


def _are_tokens(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, int) and not isinstance(one, bool) for one in value)


def _refuse(body: Mapping[str, Any], reading: Reading) -> None:
    for name in _MOVED:
        if body.get(name) is not None:
            reading.refuse(name, "it belongs to chat completions. Use /v1/chat/completions.")
    if body.get("suffix"):
        reading.refuse("suffix", "a chat cannot fill in the middle. Leave it out, or ask a model that completes.")
    best_of = count_in(body, "best_of")
    if best_of is not None and best_of > (count_in(body, "n") or 1):
        reading.refuse("best_of", "a chat gives every answer it makes. Use `n` and choose yourself.")
    if flag_in(body, "echo") and count_in(body, "logprobs") is not None:
        reading.refuse("echo", "a chat gives no log-probabilities of the prompt. Leave out `echo` or `logprobs`.")


def _echo(request: Translated) -> str:
    """What stands before the answer: the prompt if it was asked for."""
    return str(request.chat["messages"][0]["content"]) if request.body.get("echo") else ""


def _head(reply: Mapping[str, Any]) -> dict[str, Any]:
    """Everything around the choices: id and object in this dialect's words, the rest as it came."""
    given = reply.get("id")
    found = given if isinstance(given, str) else ""
    rest = {name: value for name, value in reply.items() if name not in _TAKEN}
    return {"id": f"cmpl-{found.removeprefix('chatcmpl-')}", "object": "text_completion", **rest}


def _choices(reply: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    choices = reply.get("choices")
    yield from (choice for choice in choices if isinstance(choice, dict)) if isinstance(choices, list) else ()


def _choice(choice: Mapping[str, Any], said: object, echo: str, offset: int) -> dict[str, Any]:
    """A choice of this dialect. `said` is a message or a delta; a refusal is text too, for there is no other place."""
    message = said if isinstance(said, dict) else {}
    refusal, reason = message.get("refusal"), choice.get("finish_reason")
    return {
        "text": echo + text_of(message) + (refusal if isinstance(refusal, str) else ""),
        "index": _index(choice),
        "logprobs": _logprobs(choice.get("logprobs"), offset + len(echo)),
        "finish_reason": reason if reason in _REASONS or not reason else "stop",
    }


def _index(choice: Mapping[str, Any]) -> int:
    index = choice.get("index")
    return index if isinstance(index, int) else 0


def _says(choice: Mapping[str, Any]) -> bool:
    return bool(choice["text"] or choice["finish_reason"] or choice["logprobs"])


def _logprobs(logprobs: object, offset: int) -> dict[str, Any] | None:
    """Chat's list of tokens as the four columns of old; `text_offset` counts characters."""
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    if not isinstance(content, list):
        return None
    tokens = [token for token in content if isinstance(token, dict)]
    offsets = []
    for token in tokens:
        offsets.append(offset)
        offset += len(str(token.get("token", "")))
    return {
        "tokens": [token.get("token", "") for token in tokens],
        "token_logprobs": [token.get("logprob") for token in tokens],
        "top_logprobs": [_top(token) for token in tokens],
        "text_offset": offsets,
    }


def _top(token: Mapping[str, Any]) -> dict[str, Any]:
    top = token.get("top_logprobs")
    found = [one for one in top if isinstance(one, dict)] if isinstance(top, list) else []
    return {str(one.get("token", "")): one.get("logprob") for one in found}
