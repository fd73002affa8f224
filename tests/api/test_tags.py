"""Tags from the header and from a body's `metadata`, in every dialect."""

import json
from typing import Any

import pytest

from router.api.tags import with_metadata
from tests.api.conftest import Door


@pytest.mark.parametrize(
    ("metadata", "tags"),
    [
        ({"app": "mail"}, {"team": "search", "app": "mail"}),
        ({"team": "legal"}, {"team": "search,legal"}),
        ({"team": "search"}, {"team": "search"}),
        ({"note": "x" * 65, "": "y", "n": 1}, {"team": "search"}),
        ("none", {"team": "search"}),
        ({f"t{nth:02}": "1" for nth in range(20)}, {"team": "search"} | {f"t{nth:02}": "1" for nth in range(16)}),
    ],
    ids=str,
)
def test_short_pairs_of_metadata_are_tags_beside_the_headers(metadata: object, tags: dict[str, str]) -> None:
    assert with_metadata({"team": "search"}, metadata) == tags


async def test_a_requests_metadata_stands_in_the_ledger_as_tags_and_goes_on_as_it_came(door: Door) -> None:
    body = {"model": "big", "messages": [{"role": "user", "content": "hi"}], "metadata": {"app": "mail"}}
    reply = await door.http.post("/v1/chat/completions", json=body, headers={"x-router-tags": "team=search"})
    assert reply.status_code == 200
    (row,) = door.runtime.store.find("exchanges")
    assert row["tags"] == {"team": "search", "app": "mail"}
    assert json.loads(door.big.requests[0].body)["metadata"] == {"app": "mail"}


ASKED = [{"role": "user", "content": "hi"}]
WAYS: dict[str, dict[str, Any]] = {
    "chat/completions": {"messages": ASKED},
    "completions": {"prompt": "hi"},
    "responses": {"input": "hi"},
    "messages": {"messages": ASKED, "max_tokens": 9},
    "embeddings": {"input": "hi"},
}


@pytest.mark.parametrize("path", WAYS)
async def test_metadata_is_read_in_every_dialect(path: str, door: Door) -> None:
    body = {"model": "big", "metadata": {"app": "mail"}, "user": "ada", **WAYS[path]}
    await door.http.post(f"/v1/{path}", json=body, headers={"x-router-tags": "app=chat"})
    (row,) = door.runtime.store.find("exchanges")
    assert row["tags"] == {"app": "chat,mail"}
    assert row["user"] == ("" if path == "messages" else "ada")


async def test_anthropics_user_id_is_the_user_and_no_tag(door: Door) -> None:
    body = {"model": "big", "messages": ASKED, "max_tokens": 9, "metadata": {"user_id": "ada", "app": "mail"}}
    assert (await door.http.post("/v1/messages", json=body)).status_code == 200
    (row,) = door.runtime.store.find("exchanges")
    assert (row["user"], row["tags"]) == ("ada", {"app": "mail"})
