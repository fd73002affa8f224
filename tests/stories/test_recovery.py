"""A killed proxy loses nothing: what it had begun is on the ledger of the next start, and is called interrupted."""

import threading
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.conftest import Scripted
from tests.standins.doomed import PATIENCE_S, Doomed
from tests.standins.house import CASCADE, House, write_house

PASS_ON = "policy: balanced\notherwise: {plan: [small, big]}\n"


def ask(url: str, *, stream: bool) -> None:
    body = {"model": "auto", "stream": stream, "messages": [{"role": "user", "content": "hi"}]}
    with suppress(httpx.HTTPError), httpx.Client(timeout=PATIENCE_S, trust_env=False) as http:
        http.post(f"{url}/chat/completions", json=body)


@pytest.mark.parametrize(
    ("policy", "stream"), [(CASCADE, False), (CASCADE, True), (PASS_ON, True)], ids=["whole", "held", "passing"]
)
def test_a_kill_during_a_call_leaves_its_rows_and_they_say_interrupted(
    policy: str, stream: bool, tmp_path: Path, scripted: Scripted
) -> None:
    small = scripted()
    small.says("before").then.stalls(after=2) if stream else small.says("before").then.hangs()
    config = write_house(tmp_path, {"small": small, "big": scripted()}, policy=policy)
    doomed = Doomed(config)
    try:
        ask(doomed.url, stream=False)
        asking = threading.Thread(target=ask, args=(doomed.url,), kwargs={"stream": stream})
        asking.start()
        small.asked.wait(2)
    finally:
        doomed.kill()
    asking.join(PATIENCE_S)

    house = House(config)
    try:
        answered, interrupted = house.ledger("exchanges")
        whole, broken = house.ledger("attempts")
    finally:
        house.close()
    assert (answered["outcome"], whole["status"]) == ("answered", 200)
    assert interrupted["outcome"] == "interrupted"
    whose = ("key", "policy", "rule")
    assert (
        [interrupted[name] for name in whose] == [answered[name] for name in whose] == ["open", "balanced", "otherwise"]
    )
    assert (broken["exchange"], broken["error"]) == (interrupted["id"], "interrupted")
    assert broken["ended_at"] is not None
