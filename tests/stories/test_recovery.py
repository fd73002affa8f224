"""A killed proxy loses nothing: what it had begun is on the ledger of the next start, and is called interrupted."""

import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path
from time import monotonic

import httpx
import pytest

from tests.conftest import Scripted
from tests.standins.doomed import PATIENCE_S, Doomed
from tests.standins.house import CASCADE, House, write_house

PASS_ON = "policy: balanced\notherwise: {plan: [small, big]}\n"


def ask(url: str, *, stream: bool) -> None:
    sum_of_two = {"role": "user", "content": "How many are 40 and 2?"}
    body = {"model": "auto", "stream": stream, "messages": [sum_of_two]}
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


AT_ONCE = (
    "policy: balanced\notherwise: {plan: [{panel: [big, small, second], ask: at_once, judges: [agreement]}, big]}\n"
)
FALLING = "policy: balanced\notherwise: {plan: [{upstream: big, judges: [refusal]}, small]}\n"


def has_ended(ledger: Path, upstream: str, url: str) -> bool:
    """Whether a call of `upstream` becomes a row with an end; the proxy is asked something else meanwhile."""
    until = monotonic() + PATIENCE_S
    while monotonic() < until:
        httpx.get(f"{url.removesuffix('/v1')}/healthz", trust_env=False)
        with closing(sqlite3.connect(ledger)) as db:
            if db.execute("select 1 from attempts where upstream = ? and ended_at > 0", (upstream,)).fetchone():
                return True
    return False


@pytest.mark.parametrize(
    ("policy", "said"),
    [(FALLING, "I'm sorry, but I cannot help with that."), (AT_ONCE, "The answer is 42.")],
    ids=["one after the other", "at once"],
)
def test_what_a_call_cost_that_had_ended_is_known_though_its_exchange_was_killed(
    policy: str, said: str, tmp_path: Path, scripted: Scripted
) -> None:
    small, second, big = scripted(), scripted(), scripted()
    big.says(said, usage={"prompt_tokens": 7, "completion_tokens": 3})
    small.hangs()
    second.hangs()
    config = write_house(tmp_path, {"small": small, "second": second, "big": big}, policy=policy)
    doomed = Doomed(config)
    try:
        asking = threading.Thread(target=ask, args=(doomed.url,), kwargs={"stream": False})
        asking.start()
        small.asked.wait()
        assert has_ended(tmp_path / "smallfirst.db", "big", doomed.url)
    finally:
        doomed.kill()
    asking.join(PATIENCE_S)

    house = House(config)
    try:
        (exchange,) = house.ledger("exchanges")
        rows = {row["upstream"]: row for row in house.ledger("attempts")}
    finally:
        house.close()
    assert (rows["big"]["error"], rows["big"]["cost"]) == (None, 7 * 2500 + 3 * 10_000)
    assert (rows["small"]["error"], rows["small"]["cost"]) == ("interrupted", 0)
    assert (exchange["outcome"], exchange["price_state"]) == ("interrupted", "known")
    assert exchange["cost"] == rows["big"]["cost"]
