"""The two recipes of docs/litellm.md, carried out as they stand there with LiteLLM's real proxy."""

import os
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from openai import OpenAI

from tests.clients.conftest import HERE, ROOT, SORRY, Served
from tests.standins.scripted import ScriptedUpstream
from tests.standins.written import CASCADE

COMMAND = HERE / "litellm_proxy" / ".venv" / "bin" / "litellm"
PAGE = (ROOT / "docs" / "litellm.md").read_text(encoding="utf-8")
MASTER, OURS = "sk-litellm-master-key-1234", "any"
PATIENCE_S = 240  # it takes half a minute to import, more on a busy machine
HI: list[Any] = [{"role": "user", "content": "hi"}]
TOOLS: list[Any] = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]


def recipe(chapter: str, file: str) -> dict[str, Any]:
    """A file of the page as it stands there, variables replaced by what they hold."""
    text = PAGE.partition(f"## {chapter}\n")[2].partition("\n## ")[0]
    found = re.search(rf"`{re.escape(file)}`.*?```yaml\n(.*?)```", text, re.DOTALL)
    assert found is not None, (chapter, file)
    held = re.sub(r"os\.environ/LITELLM_KEY|\$\{LITELLM_KEY\}", MASTER, found[1])
    held = re.sub(r"os\.environ/\w+|\$\{\w+\}", OURS, held)
    read: dict[str, Any] = yaml.safe_load(held)
    return read


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


class Proxy:
    """LiteLLM's proxy in a process of its own."""

    def __init__(self, folder: Path, port: int, config: dict[str, Any]) -> None:
        self.url = f"http://127.0.0.1:{port}/v1"
        self.said: list[str] = []
        self.began = threading.Event()
        path = folder / "litellm.yaml"
        path.write_text(yaml.safe_dump(config))
        environ = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "127.0.0.1"}
        command = [str(COMMAND), "--config", str(path), "--host", "127.0.0.1", "--port", str(port)]
        self.process = subprocess.Popen(
            command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        assert self.began.wait(PATIENCE_S), "".join(self.said[-20:])
        assert self.process.poll() is None, "".join(self.said[-20:])

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if "Application startup complete" in line:
                self.began.set()
        self.began.set()

    def close(self) -> None:
        """Stop it and wait."""
        self.process.terminate()
        self.process.wait(timeout=60)
        self.reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


class Both:
    """A client's view of the two proxies, one before the other, and what is behind them."""

    def __init__(self, url: str, key: str, served: Served) -> None:
        self.client = OpenAI(base_url=url, api_key=key, max_retries=0, timeout=60)
        self.small, self.big = served.small, served.big
        self.small.says("Hello from small")
        self.big.says("Hello from big")

    def ask(self, model: str, **more: Any) -> str:
        message = self.client.chat.completions.create(model=model, messages=HI, **more).choices[0].message
        return message.content or ""

    def stream(self, model: str) -> str:
        chunks = self.client.chat.completions.create(model=model, messages=HI, stream=True)
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


@contextmanager
def both_of(folder: Path, chapter: str, *, front: bool) -> Iterator[tuple[Proxy, Served]]:
    """Both proxies by the files of *chapter*: only addresses and the kind of the stand-ins are put in."""
    small, provider = ScriptedUpstream(), ScriptedUpstream()
    port = free_port()
    config = recipe(chapter, "config.yaml")
    config["upstreams"]["small"] |= {"kind": "openai", "url": small.url}
    config["upstreams"]["big"]["url"] = f"http://127.0.0.1:{port}/v1" if front else provider.url
    (folder / "policies").mkdir()
    (folder / "policies" / "balanced.yaml").write_text(CASCADE)
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    models = recipe(chapter, "litellm.yaml")
    served = Served(small, provider, path)
    for entry in models["model_list"]:
        asks_us = entry["litellm_params"]["model"] == "openai/auto"
        entry["litellm_params"]["api_base"] = served.url if asks_us else provider.url
    proxy = Proxy(folder, port, models)
    try:
        yield proxy, served
    finally:
        proxy.close()
        served.close()
        small.close()
        provider.close()


def test_in_front_of_litellm_small_answers_and_after_a_verdict_litellm_does(tmp_path: Path) -> None:
    with both_of(tmp_path, "In front of LiteLLM", front=True) as (_, served):
        both = Both(served.url, OURS, served)
        assert (both.ask("gpt-4o"), both.stream("gpt-4o")) == ("Hello from small",) * 2
        assert both.big.requests == []

        both.small.says(SORRY)
        assert (both.ask("auto"), both.stream("gpt-4o")) == ("Hello from big",) * 2
        assert both.big.requests[-1].headers["authorization"] == f"Bearer {OURS}"

        both.small.fails(500)
        both.big.calls("weather", {"city": "Paris"})
        message: Any = both.client.chat.completions.create(model="auto", messages=HI, tools=TOOLS).choices[0].message
        assert message.tool_calls[0].function.arguments == '{"city": "Paris"}'


def test_behind_litellm_either_answers_and_when_smallfirst_is_down_litellm_asks_the_big_model_itself(
    tmp_path: Path,
) -> None:
    with both_of(tmp_path, "Behind LiteLLM", front=False) as (proxy, served):
        both = Both(proxy.url, MASTER, served)
        assert (both.ask("auto"), both.stream("auto")) == ("Hello from small",) * 2
        both.small.says(SORRY)
        assert (both.ask("auto"), both.stream("auto")) == ("Hello from big",) * 2

        served.close()
        asked = len(both.small.requests)
        assert (both.ask("auto"), both.stream("auto")) == ("Hello from big",) * 2
        assert len(both.small.requests) == asked
