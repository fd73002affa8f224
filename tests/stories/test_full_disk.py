"""A disk that is full: requests go on or are refused as the operator asked, and what was lost is counted."""

import resource
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Scripted
from tests.standins.doomed import PATIENCE_S, Doomed
from tests.standins.house import House, write_house

BODY = {"model": "small", "messages": [{"role": "user", "content": "hi"}]}
pytestmark = pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits a process that runs")


def answered(doomed: Doomed, http: httpx.Client, body: dict[str, Any]) -> httpx.Response:
    """A reply, once its exchange is closed: that is one turn of the loop later."""
    reply = http.post("/chat/completions", json=body)
    lost_by(doomed)
    return reply


def lost_by(doomed: Doomed) -> int:
    """How many records its journal could not take."""
    told = httpx.get(doomed.url.removesuffix("/v1") + "/metrics", trust_env=False).text.splitlines()
    (lost,) = (line.split()[1] for line in told if line.startswith("smallfirst_ledger_lost "))
    return int(float(lost))


@pytest.mark.parametrize(
    ("on_failure", "stream", "sync"),
    [("open", False, "false"), ("open", True, "true"), ("closed", False, "true"), ("closed", True, "false")],
)
def test_while_the_disk_is_full_and_afterwards(
    on_failure: str, stream: bool, sync: str, tmp_path: Path, scripted: Scripted
) -> None:
    small, body = scripted(), BODY | {"stream": stream}
    store = f"store: {{on_failure: {on_failure}, sync: {sync}}}\n"
    config = write_house(tmp_path, {"small": small, "big": scripted()}, extra=store)
    doomed = Doomed(config)
    try:
        with httpx.Client(base_url=doomed.url, timeout=PATIENCE_S, trust_env=False) as http:
            before = answered(doomed, http, body)
            (segment,) = tmp_path.glob("*.journal.*")
            with doomed.full_disk(segment.stat().st_size + 9):
                during = answered(doomed, http, body)
            after = answered(doomed, http, body)
            lost = lost_by(doomed)
        status = doomed.stop()
    finally:
        doomed.kill()

    assert (before.status_code, after.status_code, status) == (200, 200, 0)
    if on_failure == "open":
        assert (during.status_code, len(small.requests), lost) == (200, 3, 2)
        assert during.content == before.content
    else:
        assert (during.status_code, len(small.requests), lost) == (503, 2, 2)
        error = during.json()["error"]
        assert (error["code"], during.headers["retry-after"]) == ("ledger_unwritable", "1")
        assert "free some space" in error["message"]
        assert str(tmp_path) not in error["message"]
    house = House(config)
    try:
        rows = house.ledger("exchanges")
        assert [row["id"] for row in rows] == [reply.headers["x-router-exchange"] for reply in (before, after)]
        assert {(row["outcome"], row["price_state"]) for row in rows} == {("answered", "free")}
        assert [row["exchange"] for row in house.ledger("attempts")] == [row["id"] for row in rows]
    finally:
        house.close()
