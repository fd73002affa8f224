"""What a server says of itself, in the words of those that are out there."""

from typing import Any

import pytest

from router.core.upstream import UNKNOWN_CLOUD
from tests.conftest import Scripted
from tests.standins.acts import Act, json_act
from tests.upstreams.conftest import Built

PROPS = {"default_generation_settings": {"n_ctx": 4096}, "total_slots": 4}


async def test_llama_cpp_tells_window_and_slots(built: Built, scripted: Scripted) -> None:
    server = scripted()
    server.props = json_act(PROPS)
    state = await built(url=server.url, local=True).state()
    assert (state.phase, state.context, state.slots) == ("ready", 4096, 4)
    assert [probe.path for probe in server.probes] == [
        *("/health", "/v1/models", "/props"),  # which make it is,
        *("/props", "/slots", "/metrics"),  # and what that make says
    ]
    assert server.requests == []


@pytest.mark.parametrize(
    ("row", "window"),
    [
        ({"id": "m", "max_model_len": 32768}, 32768),
        ({"id": "m", "meta": {"n_ctx": 2048, "n_ctx_train": 8192}}, 2048),
        ({"id": "m", "loaded_context_length": 4096, "max_context_length": 131072}, 4096),
        ({"id": "m", "context_length": "large"}, None),
        ({"id": "m", "meta": None}, None),
    ],
)
async def test_the_model_list_tells_the_window(
    built: Built, scripted: Scripted, row: dict[str, Any], window: int | None
) -> None:
    server = scripted()
    server.models = json_act({"data": [{"id": "other", "max_model_len": 1}, row]})
    assert (await built(url=server.url).state()).context == window


async def test_figures_the_config_fixes_win(built: Built, scripted: Scripted) -> None:
    server = scripted()
    server.props = json_act(PROPS)
    state = await built(url=server.url, local=True, context=1000, slots=1).state()
    assert (state.context, state.slots) == (1000, 1)


async def test_only_local_servers_are_asked_for_health_and_props(built: Built, scripted: Scripted) -> None:
    server = scripted()
    assert (await built(url=server.url).state()).phase == "ready"
    assert [probe.path for probe in server.probes] == ["/v1/models"]


async def test_the_make_is_found_out_once(built: Built, scripted: Scripted) -> None:
    server = scripted()
    server.props = json_act(PROPS)
    small = built(url=server.url, local=True)
    assert (await small.state()).server == "llama.cpp"
    server.probes.clear()
    await small.state()
    assert [probe.path for probe in server.probes] == ["/health", "/v1/models", "/props", "/slots", "/metrics"]


async def test_requests_that_wait_inside_make_it_busy(built: Built, scripted: Scripted) -> None:
    server = scripted()
    server.models = json_act({"data": [{"id": "m", "owned_by": "vllm", "max_model_len": 32768}]})
    server.pages["/metrics"] = Act([b"vllm:num_requests_running 8\nvllm:num_requests_waiting 3\n"])
    state = await built(url=server.url, local=True).state()
    assert (state.phase, state.detail, state.queue, state.context) == ("busy", "3 wait inside it", 3, 32768)


async def test_a_server_that_loads_says_so(built: Built, scripted: Scripted) -> None:
    server = scripted()
    server.health = json_act({"error": {"message": "Loading model"}}, 503)
    state = await built(url=server.url, local=True).state()
    assert (state.phase, state.resident) == ("loading", False)


@pytest.mark.parametrize("status", [401, 403, 500])
async def test_a_server_that_will_not_have_us_is_failing(built: Built, scripted: Scripted, status: int) -> None:
    server = scripted()
    server.models = json_act({}, status)
    assert (await built(url=server.url).state()).phase == "failing"


async def test_a_server_without_a_model_list_is_ready_all_the_same(built: Built, scripted: Scripted) -> None:
    server = scripted()
    server.models = Act([b"<h1>404</h1>"], 404, "text/html")
    assert (await built(url=server.url).state()).phase == "ready"


async def test_a_server_that_is_down_is_absent_and_nothing_is_raised(built: Built, scripted: Scripted) -> None:
    server = scripted()
    upstream = built(url=server.url)
    server.down()
    state = await upstream.state()
    assert (state.phase, state.detail) == ("absent", "Connection refused")


async def test_a_server_that_breaks_off_is_failing(built: Built, scripted: Scripted) -> None:
    server = scripted()
    server.models = Act(head=False, end="cut")
    assert (await built(url=server.url).state()).phase == "failing"


async def test_a_server_that_does_not_answer_is_busy(built: Built, scripted: Scripted) -> None:
    server = scripted()
    server.models = Act(head=False, end="hang")
    assert (await built(url=server.url).state()).phase == "busy"


@pytest.mark.parametrize("page", [{"data": 5}, {"data": {"a": 1}}, {"data": [{"meta": 5}]}, {"data": "x" * 2**23}, []])
async def test_a_model_list_of_another_shape_or_size_tells_nothing(built: Built, scripted: Scripted, page: Any) -> None:
    server = scripted()
    server.models = json_act(page)
    server.props = json_act({"default_generation_settings": [1]})
    state = await built(url=server.url, local=True, context=None).state()
    assert (state.phase, state.context) == ("ready", None)


@pytest.mark.parametrize(
    ("row", "cloud"),
    [
        ({"name": "m", "remote_host": "https://ollama.com:443", "remote_model": "m"}, "https://ollama.com:443"),
        ({"model": "m:latest", "remote_model": "gpt-oss:120b"}, "gpt-oss:120b"),
        ({"name": "m"}, ""),
        ({"name": "M:Latest", "remote_host": "https://ollama.com:443"}, "https://ollama.com:443"),
        ({"name": "other"}, UNKNOWN_CLOUD),
    ],
)
async def test_ollama_behind_its_openai_route_tells_which_model_a_cloud_runs(
    row: dict[str, str], cloud: str, scripted: Scripted, built: Built
) -> None:
    server = scripted(model="m")
    server.pages["/api/tags"] = json_act({"models": [row]})
    assert (await built(url=server.url, local=True).state()).cloud == cloud
    assert (await built(url=server.url, local=False).state()).cloud == ""


@pytest.mark.parametrize(
    ("owner", "tags", "cloud"),
    [
        ("library", json_act({"error": "down"}, 500), UNKNOWN_CLOUD),
        ("library", json_act({}, 404), UNKNOWN_CLOUD),
        ("library", Act(head=False, end="hang"), UNKNOWN_CLOUD),
        ("somebody", Act(head=False, end="hang"), UNKNOWN_CLOUD),
        ("somebody", json_act({}, 403), UNKNOWN_CLOUD),
        ("somebody", json_act({}, 502), UNKNOWN_CLOUD),
        ("somebody", json_act({}, 404), ""),
        ("somebody", Act([b"<h1>hello</h1>"], 200, "text/html"), ""),
        ("vllm", Act(head=False, end="hang"), ""),
    ],
)
async def test_what_may_be_ollama_and_does_not_say_who_runs_a_model_is_not_known_to_be_here(
    owner: str, tags: Act, cloud: str, scripted: Scripted, built: Built
) -> None:
    server = scripted()
    server.models = json_act({"data": [{"id": "m", "owned_by": owner}]})
    server.pages["/api/tags"] = tags
    assert (await built(url=server.url, local=True).state()).cloud == cloud


async def test_who_runs_it_is_asked_before_what_takes_its_time(scripted: Scripted, built: Built) -> None:
    server = scripted()
    server.models = json_act({"data": [{"id": "m", "owned_by": "library"}]})
    server.pages["/api/tags"] = json_act({"models": [{"name": "m:latest", "remote_host": "https://ollama.com"}]})
    server.pages["/api/ps"] = Act(head=False, end="hang")
    state = await built(url=server.url, local=True).state()
    assert (state.phase, state.cloud) == ("busy", "https://ollama.com")


async def test_what_was_said_once_holds_until_the_server_is_away(scripted: Scripted, built: Built) -> None:
    server = scripted()
    server.models = json_act({"data": [{"id": "m", "owned_by": "library"}]})
    server.pages["/api/tags"] = json_act({"models": [{"name": "m"}]})
    small = built(url=server.url, local=True)
    assert (await small.state()).cloud == ""
    server.models = Act(head=False, end="hang")
    assert (await small.state()).cloud == ""
    server.down()
    assert ((await small.state()).phase, (await small.state()).cloud) == ("absent", "")
    server.up()
    assert ((await small.state()).phase, (await small.state()).cloud) == ("busy", UNKNOWN_CLOUD)
