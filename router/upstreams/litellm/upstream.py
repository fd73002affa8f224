"""The upstream of kind `litellm`: OpenAI's shape in and out, the provider's own on the wire."""

import asyncio
from typing import Any

import httpx
import orjson

from router.core.errors import SetupError, UpstreamError
from router.core.upstream import Call, OpenStream, Reply, UpstreamSpec, UpstreamState
from router.upstreams import problem
from router.upstreams.budget import Budget
from router.upstreams.litellm.chunks import Chunks
from router.upstreams.litellm.failure import RAISED, no_answer, translated
from router.upstreams.litellm.library import library
from router.upstreams.litellm.reply import whole
from router.upstreams.litellm.request import arguments, left_out
from router.upstreams.litellm.warming import SDK, Warmth
from router.upstreams.wire import late

KEYLESS = ("vertex_ai", "bedrock", "sagemaker", "sagemaker_chat")  # credentials under `options:` instead
NO_KEY = "no-key"  # else litellm would take one from the environment, and spend what nobody configured


class LiteLLM:
    """Any provider litellm knows: `model: gemini/gemini-2.5-pro`, `url` where it is not the usual one.

    Sends what OpenAI's fields say and nothing that steers litellm; never retries, follows no
    redirect, fetches no image. `options:` are litellm's own arguments for this provider
    (`api_version`, `vertex_project`, `aws_region_name` …).
    """

    def __init__(self, spec: UpstreamSpec) -> None:
        self.spec = spec
        self._litellm = library(spec)
        self._raised: tuple[type[Exception], ...] = (self._litellm.exceptions.openai.OpenAIError, *RAISED)
        self._provider = self._provider_of()
        self._supported = self._litellm.get_supported_openai_params(model=spec.model)
        self._total = Budget(spec.timeouts.total_s)
        self._first_token = Budget(spec.timeouts.first_token_s)
        self._http: Any = None
        self._warmth = Warmth(self._litellm, spec.model, self._provider, self._raised)

    async def send(self, call: Call) -> Reply:
        """The whole answer. Raises UpstreamError."""
        await self._warmth.done()
        try:
            with self._total.spent():
                answer = (await self._ask(call)).model_dump()
        except TimeoutError as error:
            raise late(self.spec, "total") from error
        if not answer.get("choices"):
            raise no_answer(self.spec)
        return Reply(200, whole(answer))

    async def stream(self, call: Call) -> OpenStream:
        """An open stream, as soon as its first event came. Raises UpstreamError until then."""
        await self._warmth.done()
        began = asyncio.get_running_loop().time()
        chunks: Chunks | None = None
        try:
            with self._first_token.spent():
                chunks = Chunks(self.spec, await self._ask(call), began, self._raised)
                await chunks.begin()
        except (TimeoutError, asyncio.CancelledError, UpstreamError) as error:
            if chunks is not None:
                await chunks.close()
            if isinstance(error, TimeoutError):
                raise late(self.spec, "first token") from error
            raise
        return OpenStream(200, chunks, chunks.close)

    async def state(self) -> UpstreamState:
        """Ready: a provider has no free page that says how it is. The window is the one litellm lists.

        The first time it returns when litellm has imported what a call needs, which it does in a thread.
        """
        await self._warmth.done()
        return UpstreamState("ready", self.spec.context or self._window(), self.spec.slots, "not probed")

    async def aclose(self) -> None:
        """Close every connection."""
        self._total.close()
        self._first_token.close()
        if self._http is not None:
            await self._http.close()

    async def _ask(self, call: Call) -> Any:
        body = orjson.loads(call.body)
        fields = arguments(self.spec, body, self._provider, self._supported)
        call.changed(tuple(f"{name} left out" for name in left_out(fields, body)))
        try:
            return await self._litellm.acompletion(**fields, **self._way(call))
        except TimeoutError:
            raise
        except self._raised as error:
            raise translated(self.spec, error) from error

    def _way(self, call: Call) -> dict[str, Any]:
        """Where the call goes and how: from the row alone, never from the request."""
        spec = self.spec
        way: dict[str, Any] = {
            **spec.options,
            "model": spec.model,
            "timeout": httpx.Timeout(spec.timeouts.total_s, connect=spec.timeouts.connect_s),
            "extra_headers": {**spec.headers, **({"traceparent": call.traceparent} if call.traceparent else {})},
        }
        if spec.url:
            way["api_base"] = spec.url
        if call.key or spec.key or self._provider not in KEYLESS:
            way["api_key"] = call.key or spec.key or NO_KEY
        return way | ({"max_retries": 0} if self._provider in SDK else {"client": self._client()})

    def _client(self) -> Any:
        """One client for each upstream: the redirects it does not follow would carry its key elsewhere."""
        if self._http is None:
            maker = self._litellm.llms.custom_httpx.http_handler.AsyncHTTPHandler
            self._http = maker(timeout=self.spec.timeouts.total_s, follow_redirects=False)
        return self._http

    def _provider_of(self) -> str:
        try:
            return str(self._litellm.get_llm_provider(model=self.spec.model)[1])
        except self._raised as error:
            what = f"litellm knows no provider for {self.spec.model!r}"
            remedy = "write it as provider/model, like gemini/gemini-2.5-pro"
            raise SetupError([problem(self.spec, "model", what, remedy)]) from error

    def _window(self) -> int | None:
        """The tokens that litellm's list says the model reads; None where it does not list it."""
        listed = self._litellm.model_cost
        row = listed.get(self.spec.model) or listed.get(self.spec.model.partition("/")[2]) or {}
        window = row.get("max_input_tokens")
        return window if isinstance(window, int) else None
