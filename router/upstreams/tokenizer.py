"""Asks a server to count a prompt, only when our estimate is too close to its window to decide."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

from router.core.upstream import Call
from router.upstreams.openai_compatible import OpenAICompatible
from router.upstreams.page import beginning

COUNT_S = 2.0
SHAPING = ("messages", "tools", "chat_template_kwargs", "add_generation_prompt")


async def count_tokens(http: OpenAICompatible, server: str, call: Call) -> int | None:
    """Tokens of the prompt as `server` (`llama.cpp` or `vllm`) counts it, its template included.

    None where it has no such page, does not answer in two seconds, or says something else: then its
    own refusal decides.
    """
    body = {key: call.request[key] for key in SHAPING if call.request.get(key) is not None}
    try:
        async with asyncio.timeout(COUNT_S):
            if server == "vllm":
                asked = {"model": http.spec.model, "add_generation_prompt": True, **body}
                return _whole(await _post(http, "tokenize", asked), "count")
            if server == "llama.cpp":
                prompt = (await _post(http, "apply-template", body)).get("prompt")
                if not isinstance(prompt, str):
                    return None
                asked = {"content": prompt, "add_special": True, "parse_special": True}
                tokens = (await _post(http, "tokenize", asked)).get("tokens")
                return len(tokens) if isinstance(tokens, list) else None
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError):
        return None
    return None


async def _post(http: OpenAICompatible, page: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    base, session, headers = http.connected()
    root = base.parent if base.name == "v1" else base
    url = (root / page).update_query(http.spec.query)
    async with session.post(url, data=orjson.dumps(body), headers=headers, allow_redirects=False) as response:
        if response.status != 200:
            return {}
        said = orjson.loads(await beginning(response))
        return said if isinstance(said, dict) else {}


def _whole(said: Mapping[str, Any], key: str) -> int | None:
    value = said.get(key)
    return value if isinstance(value, int) and value >= 0 else None
