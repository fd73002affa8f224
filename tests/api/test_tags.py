"""Tags from the header and from a chat body's `metadata`."""

import json

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
    assert with_metadata({"team": "search"}, {"metadata": metadata}) == tags


async def test_a_requests_metadata_stands_in_the_ledger_as_tags_and_goes_on_as_it_came(door: Door) -> None:
    body = {"model": "big", "messages": [{"role": "user", "content": "hi"}], "metadata": {"app": "mail"}}
    reply = await door.http.post("/v1/chat/completions", json=body, headers={"x-router-tags": "team=search"})
    assert reply.status_code == 200
    (row,) = door.runtime.store.find("exchanges")
    assert row["tags"] == {"team": "search", "app": "mail"}
    assert json.loads(door.big.requests[0].body)["metadata"] == {"app": "mail"}
