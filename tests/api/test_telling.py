"""Replies that no hot route gives: in which dialect their errors are told, and by which id they are named."""

import pytest

from tests.api.conftest import Door
from tests.api.test_app import HELLO


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/v1/messages/batches", 404, "not_found_error"),
        ("/v1/models/nobody", 404, "not_found_error"),
        ("/v1/messages", 405, "invalid_request_error"),
    ],
)
async def test_clients_of_anthropic_are_told_in_their_own_shape_on_every_path(
    door: Door, path: str, status: int, kind: str
) -> None:
    reply = await door.http.get(path, headers={"anthropic-version": "2023-06-01"})
    assert (reply.status_code, reply.json()["type"], reply.json()["error"]["type"]) == (status, "error", kind)
    assert reply.headers["request-id"] == reply.headers["x-request-id"]


async def test_what_asks_no_model_can_be_named_too(door: Door) -> None:
    replies = [
        await door.http.get("/v1/models"),
        await door.http.get("/v1/models/auto"),
        await door.http.post("/v1/route", json=HELLO),
    ]
    assert len({reply.headers["x-request-id"] for reply in replies}) == len(replies)
