"""Each make of server is known by what it says, and asked where it says it."""

from collections.abc import Mapping
from typing import Any

import pytest

from router.upstreams.servers import LOOKS, Page, ServerReport, make_of, samples_of

VLLM = """\
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="m"} 3.0
vllm:num_requests_running{engine="1",model_name="m"} 2.0
vllm:num_requests_waiting{engine="0",model_name="m"} 7.0
vllm:odd nan
"""
LOADED = {"key": "qwen/qwen3-4b", "loaded_instances": [{"id": "mine", "config": {"context_length": 8192}}]}


def server(pages: Mapping[str, Any]) -> Any:
    async def get(page: str) -> Page:
        return (200, pages[page]) if page in pages else (404, "no such page")

    return get


@pytest.mark.parametrize(
    ("row", "pages", "make"),
    [
        ({"owned_by": "llamacpp"}, {}, "llama.cpp"),
        ({"owned_by": "vllm"}, {}, "vllm"),
        ({"owned_by": "sglang"}, {}, "sglang"),
        ({"owned_by": "library"}, {}, "ollama"),
        ({"owned_by": "organization_owner"}, {}, "lmstudio"),
        ({"owned_by": "me"}, {"props": {"total_slots": 1}}, "llama.cpp"),
        ({"owned_by": "org/model"}, {"info": {"max_total_tokens": 4096}}, "tgi"),
        ({}, {"api/v1/models": {"models": []}}, "lmstudio"),
        ({}, {"info": ["max_total_tokens"], "props": "total_slots"}, ""),
    ],
)
async def test_a_make_is_known_by_its_list_or_its_pages(row: dict[str, Any], pages: Any, make: str) -> None:
    assert await make_of(server(pages), row) == make


@pytest.mark.parametrize(
    ("make", "pages", "doing"),
    [
        (
            "llama.cpp",
            {
                "props": {"total_slots": 2, "default_generation_settings": {"n_ctx": 2048}},
                "slots": [{"id": 0, "is_processing": True}, {"id": 1, "is_processing": False}],
                "metrics": "llamacpp:requests_deferred 4\n",
            },
            ServerReport(2048, 2, 1, 4, True),
        ),
        ("llama.cpp", {"metrics": "llamacpp:requests_processing 2\n"}, ServerReport(running=2, resident=True)),
        ("vllm", {"metrics": VLLM}, ServerReport(running=5, queue=7, resident=True)),
        ("vllm", {"load": {"server_load": 4}}, ServerReport(running=4, resident=True)),
        (
            "sglang",
            {
                "get_server_info": {"context_length": 32768, "max_running_requests": 64},
                "metrics": 'sglang:num_running_reqs{model_name="m"} 2.0\nsglang:num_queue_reqs{model_name="m"} 1.0\n',
            },
            ServerReport(32768, 64, 2, 1, True),
        ),
        (
            "tgi",
            {
                "info": {"max_input_tokens": 4000, "max_total_tokens": 4096, "max_concurrent_requests": 128},
                "metrics": "tgi_queue_size 3\ntgi_batch_current_size 8\n",
            },
            ServerReport(4000, 128, 8, 3, True),
        ),
        ("lmstudio", {"api/v1/models": {"models": [LOADED]}}, ServerReport(context=8192, resident=True)),
        ("lmstudio", {"api/v1/models": {"models": [{**LOADED, "loaded_instances": []}]}}, ServerReport(resident=False)),
        (
            "ollama",
            {"api/ps": {"models": [{"name": "qwen/qwen3-4b", "context_length": 8192}]}},
            ServerReport(8192, resident=True),
        ),
        ("ollama", {"api/ps": {"models": []}}, ServerReport(4096, resident=False)),
    ],
)
async def test_what_it_is_doing_stands_on_its_own_pages(make: str, pages: Any, doing: ServerReport) -> None:
    assert await LOOKS[make](server(pages), "qwen/qwen3-4b") == doing


@pytest.mark.parametrize("make", LOOKS)
@pytest.mark.parametrize("page", [None, [], {}, "text", {"models": 5}, {"models": [5]}, {"total_slots": True}])
async def test_pages_of_another_shape_tell_nothing_and_raise_nothing(make: str, page: Any) -> None:
    names = ("props", "slots", "metrics", "load", "get_server_info", "info", "api/v1/models", "api/ps")
    found = await LOOKS[make](server(dict.fromkeys(names, page)), "m")
    assert (found.slots, found.running, found.queue) == (None, None, None)


def test_samples_are_summed_over_their_labels_and_nonsense_is_left_out() -> None:
    assert samples_of(VLLM) == {"vllm:num_requests_running": 5, "vllm:num_requests_waiting": 7}
    assert samples_of('a 1e999\nb one\nc{x="y"} 2 \n') == {"c": 2}
