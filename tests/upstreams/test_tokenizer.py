"""The server's own count, against stand-ins and against a real llama.cpp."""

import json

from router.upstreams.openai_compatible import OpenAICompatible
from router.upstreams.tokenizer import count_tokens
from tests.conftest import Scripted
from tests.standins.acts import Act, Received, json_act
from tests.standins.tiny_llama import TinyLlama
from tests.upstreams.conftest import Built, asked


def spoken(built: Built, url: str, **more: object) -> OpenAICompatible:
    made = built(url=url, **more)
    assert isinstance(made, OpenAICompatible)
    return made


async def test_vllm_counts_the_messages_with_their_template(built: Built, scripted: Scripted) -> None:
    server = scripted().does(lambda _: json_act({"count": 123, "max_model_len": 4096, "tokens": []}))
    tools = [{"type": "function", "function": {"name": "f"}}]
    assert await count_tokens(spoken(built, server.url), "vllm", asked(tools=tools)) == 123
    (request,) = server.requests
    assert (request.path, request.json["tools"], request.json["add_generation_prompt"]) == ("/tokenize", tools, True)


async def test_a_real_llama_cpp_counts_as_its_usage_does(built: Built, tiny_llama: TinyLlama) -> None:
    http = spoken(built, tiny_llama.url, model=tiny_llama.model, key=tiny_llama.key)
    call = asked("What is the capital of France?", max_tokens=4)
    usage = json.loads((await http.send(call)).body)["usage"]
    assert await count_tokens(http, "llama.cpp", call) == usage["prompt_tokens"]


async def test_who_cannot_count_is_not_believed_to(built: Built, scripted: Scripted) -> None:
    def odd(request: Received) -> Act:
        return json_act({"prompt": 7} if request.path == "/apply-template" else {"count": "many"})

    http = spoken(built, scripted().does(odd).url)
    assert await count_tokens(http, "llama.cpp", asked()) is None
    assert await count_tokens(http, "vllm", asked()) is None
    assert await count_tokens(http, "lmstudio", asked()) is None
    assert await count_tokens(spoken(built, scripted().fails(404).url), "vllm", asked()) is None
    assert await count_tokens(spoken(built, scripted().garbage().url), "vllm", asked()) is None
