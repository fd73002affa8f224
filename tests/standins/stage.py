"""A running proxy before scripted servers, and the row of a table that what it did makes."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.standins.house import House
from tests.standins.ollama import OllamaServer
from tests.standins.scripted import ScriptedUpstream

PATIENCE_S = 60.0
WINDOW = 8192
QUICK = "timeout: {connect_s: 2, first_token_s: 5, idle_s: 1}"  # long enough for a busy machine


@dataclass(frozen=True, slots=True)
class Seen:
    """One row of the table: what came back, and what stands in the ledger."""

    client: str
    ledger: str


class Stage:
    """A scripted small and big one, and a proxy before them once `house` is called."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self.small, self.big = self.scripted(), self.scripted().says("from big")

    def scripted(self) -> ScriptedUpstream:
        """One more upstream, closed with the stage."""
        made = ScriptedUpstream()
        self._stack.callback(made.close)
        return made

    def ollama(self) -> OllamaServer:
        """A server that speaks Ollama's native API, closed with the stage."""
        made = OllamaServer()
        self._stack.callback(made.close)
        return made

    def house(self, policy: str, *, small: str = "", big: str = "", more: str = f"context: {WINDOW}, {QUICK}") -> House:
        """The proxy. `small`, `big`: their rows where they are not the scripted ones; `more`: keys of the small one."""
        rows = {
            "small": small or f"{{kind: openai, url: '{self.small.url}', model: m, local: true, price: free, {more}}}",
            "big": big or f"{{kind: openai, url: '{self.big.url}', model: m, price: {{input: 2.50, output: 10.00}}}}",
        }
        (self.folder / "policies").mkdir()
        (self.folder / "policies" / "balanced.yaml").write_text(policy)
        config = self.folder / "config.yaml"
        config.write_text("upstreams:\n" + "".join(f"  {name}: {row}\n" for name, row in rows.items()))
        made = House(config)
        self._stack.callback(made.close)
        return made

    def real(self, gguf: Path) -> str:
        """The row of a real llama.cpp server, which a client does not wait for while it loads."""
        return (
            f'{{kind: llamacpp, gguf: "{gguf}", context: 1024, threads: 1, price: free, timeout: {{load_wait_s: 0.1}}}}'
        )


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """A stage in an empty folder; everything on it ends with it."""
    with ExitStack() as stack:
        yield Stage(folder, stack)


def until(true: Callable[[], bool]) -> None:
    """Wait for what only looking tells; fails in the end."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it did not happen"
        threading.Event().wait(0.02)


def beside(work: Callable[[], httpx.Response]) -> Callable[[], httpx.Response]:
    """Begin `work` in a thread of its own; call what is returned for its result."""
    results: list[httpx.Response] = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()

    def done() -> httpx.Response:
        thread.join(PATIENCE_S)
        return results[0]

    return done


def seen(house: House, *replies: httpx.Response) -> Seen:
    """The row that these replies make, each exchange of the same outcome told once."""
    shown = [_client(reply) for reply in replies]
    rows = [_ledger(house, reply.headers["x-router-exchange"]) for reply in replies]
    return Seen("; ".join(_counted(shown)), "; ".join(_counted(rows)))


def _client(reply: httpx.Response) -> str:
    headers, words = reply.headers, [str(reply.status_code)]
    if reply.status_code == 200:
        words.append(f"from {headers['x-router-upstream']}")
    else:
        words.append(f"`{reply.json()['error']['code']}`")
        words += [f"`retry-after: {headers['retry-after']}`"] if "retry-after" in headers else []
    words += [f"`{name}: {headers[f'x-router-{name}']}`" for name in SAID if f"x-router-{name}" in headers]
    if headers["content-type"].startswith("text/event-stream"):
        words.append(_end_of(reply.text))
    return ", ".join(words)


SAID = ("fallback", "escalated", "degraded", "skipped")


def _end_of(stream: str) -> str:
    data = [line.removeprefix("data: ") for line in stream.splitlines() if line.startswith("data: ")]
    if data[-1] == "[DONE]":
        return "a whole stream"
    code = json.loads(data[-1])["error"]["code"]
    return f"a beginning, then an error event (`{code}`) and no `[DONE]`"


def _ledger(house: House, exchange: str) -> str:
    (row,) = house.ledger("exchanges", id=exchange)
    calls = [_call(attempt) for attempt in house.ledger("attempts", exchange=exchange)]
    end = row["outcome"] + (", degraded" if row["degraded"] else "") + (f", `{row['error']}`" if row["error"] else "")
    return f"{' → '.join(calls) or 'nobody asked'}: {end}"


def _call(attempt: Mapping[str, Any]) -> str:
    reason = "" if attempt["reason"] == "first" else f" ({attempt['reason']})"
    return f"{attempt['upstream']}{reason} " + (f"`{attempt['error']}`" if attempt["error"] else "ok")


def _counted(shown: Sequence[str]) -> list[str]:
    """Like ones after each other as one, with how many they were."""
    groups: list[tuple[str, int]] = []
    for text in shown:
        if groups and groups[-1][0] == text:
            groups[-1] = (text, groups[-1][1] + 1)
        else:
            groups.append((text, 1))
    return [f"{count} × {text}" if count > 1 else text for text, count in groups]
