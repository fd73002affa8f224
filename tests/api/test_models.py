"""What a client may write in `model`, in OpenAI's shape."""

from dataclasses import replace

from router.core.keys import Key, digest
from tests.api.conftest import Door


async def test_the_list_is_what_resolving_takes(door: Door) -> None:
    listed = (await door.http.get("/v1/models")).json()
    assert listed["object"] == "list"
    for model in listed["data"]:
        assert {"id", "object", "created", "owned_by"} <= set(model)
        told = await door.http.post(
            "/v1/route", json={"model": model["id"], "messages": [{"role": "user", "content": "hi"}]}
        )
        assert told.status_code == 200, model["id"]


async def test_an_upstream_says_which_model_it_really_is(door: Door) -> None:
    small = (await door.http.get("/v1/models/small")).json()
    assert (small["owned_by"], small["root"]) == ("upstream", "small-model")


async def test_a_policys_name_with_its_slash_is_one_name(door: Door) -> None:
    assert (await door.http.get("/v1/models/auto/balanced")).json()["id"] == "auto/balanced"


async def test_one_that_is_not_there_is_openais_404(door: Door) -> None:
    reply = await door.http.get("/v1/models/gpt-5")
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "model_not_found")


async def test_the_list_is_for_those_who_may_ask(door: Door) -> None:
    door.runtime.config = replace(door.runtime.config, auth="required")
    assert (await door.http.get("/v1/models")).status_code == 401
    assert (await door.http.get("/v1/models/auto")).status_code == 401


async def test_anthropics_clients_read_their_own_shape(door: Door) -> None:
    versions = {"anthropic-version": "2026-10-21"}
    listed = (await door.http.get("/v1/models", headers=versions)).json()
    assert (listed["has_more"], listed["first_id"]) == (False, "auto")
    assert {"type", "id", "display_name", "created_at"} == set(listed["data"][0])
    one = (await door.http.get("/v1/models/small", headers=versions)).json()
    assert (one["type"], one["id"]) == ("model", "small")


async def test_codex_finds_the_field_it_looks_for(door: Door) -> None:
    listed = (await door.http.get("/v1/models", params={"client_version": "0.169.0"})).json()
    assert listed["models"] == []
    assert listed["object"] == "list"
    assert "models" not in (await door.http.get("/v1/models")).json()


async def test_a_window_is_told_where_it_is_known(door: Door) -> None:
    assert (await door.http.get("/v1/models/small")).json()["context_length"] == 8192


async def test_a_key_that_stays_here_is_shown_only_what_it_may_use(door: Door) -> None:
    door.runtime.config = replace(door.runtime.config, auth="required")
    door.runtime.keys = {digest("sf-ward"): Key("1", "ward", digest("sf-ward"), local_only=True)}
    listed = await door.http.get("/v1/models", headers={"authorization": "Bearer sf-ward"})
    names = {model["id"] for model in listed.json()["data"]}
    assert "small" in names
    assert "big" not in names


async def test_a_key_that_stays_here_is_not_shown_what_a_cloud_runs(door: Door) -> None:
    door.runtime.config = replace(door.runtime.config, auth="required")
    door.runtime.keys = {digest("sf-ward"): Key("1", "ward", digest("sf-ward"), local_only=True)}
    door.runtime.facts["small.cloud"] = "ollama.com"
    listed = await door.http.get("/v1/models", headers={"authorization": "Bearer sf-ward"})
    assert not {"small", "big"} & {model["id"] for model in listed.json()["data"]}


async def test_a_key_with_a_policy_is_shown_that_policy_and_no_upstream_that_it_cannot_choose(door: Door) -> None:
    door.runtime.config = replace(door.runtime.config, auth="required")
    door.runtime.keys = {digest("sf-kept"): Key("1", "kept", digest("sf-kept"), policy="small-only")}
    listed = await door.http.get("/v1/models", headers={"authorization": "Bearer sf-kept"})
    assert [model["id"] for model in listed.json()["data"]] == ["auto", "auto/small-only"]
