"""The routes, and the last handler: every error in the dialect's shape, a bug as a plain 500."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from router.core.exchange import Verdict
from router.core.ports import Answer
from router.pipeline.pipeline import Pipeline
from tests.api.conftest import Door

HELLO = {"model": "auto", "messages": [{"role": "user", "content": "hi"}]}


class Broken:
    """A judge with a bug that holds a secret."""

    name = "structure"

    def judge(self, request: Mapping[str, Any], answer: Answer, evidence: Sequence[Verdict]) -> Verdict:
        raise ZeroDivisionError("sk-secret")


async def test_what_the_contract_names_is_routed(door: Door) -> None:
    for path in ("/v1/models", "/v1/models/auto", "/models", "/healthz", "/readyz", "/metrics", "/health"):
        assert (await door.http.get(path)).status_code == 200, path
    for path in ("/v1/chat/completions", "/v1/route"):
        assert (await door.http.post(path, json=HELLO)).status_code == 200, path


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/v1", "/v1/files", "/admin", "/v1/chat"])
async def test_what_is_not_there_says_where_to_go(door: Door, path: str) -> None:
    reply = await door.http.get(path)
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "not_found")
    assert "/v1/chat/completions" in reply.json()["error"]["message"]


async def test_another_method_is_told_which_one_it_is(door: Door) -> None:
    reply = await door.http.get("/v1/chat/completions")
    assert reply.status_code == 405
    assert reply.headers["allow"] == "POST"
    assert reply.json()["error"]["code"] is None


async def test_a_bug_is_a_plain_500_that_shows_nothing_and_is_logged_whole(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    deps = replace(door.runtime.pipeline.deps, judges={"structure": Broken(), "refusal": Broken()})
    door.runtime.pipeline = Pipeline(deps)
    with caplog.at_level(logging.ERROR):
        reply = await door.http.post("/v1/chat/completions", json=HELLO)
    assert (reply.status_code, reply.json()["error"]["code"]) == (500, "internal_error")
    assert "sk-secret" not in reply.text
    assert "ZeroDivisionError" in caplog.text
    (row,) = door.runtime.store.find("exchanges", id=reply.headers["x-request-id"])
    assert (row["outcome"], row["status"], row["error"]) == ("failed", 500, "internal_error")
    assert reply.headers["x-router-exchange"] == row["id"]


async def test_it_starts_its_runtime_with_itself(door: Door) -> None:
    assert door.runtime.ready()[0] is True
