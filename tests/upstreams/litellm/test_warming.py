"""What a first call imports is there before it: fetched in a thread, from nobody, with nobody's credentials."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

import router
from tests.conftest import Scripted
from tests.upstreams.conftest import Built, asked

ROOT = Path(router.__file__).parents[1]
# In a fresh process: what is imported, and where the process tried to connect to, by the time that `state` returns,
# and by the time that an answer was read.
WATCHED = """
import asyncio, sys
doors, held = [], []
def watch(event, args):
    if event == "socket.bind":
        held.append(args[0])
    if event == "socket.connect" and args[1][:2] not in [each.getsockname() for each in held if each.fileno() >= 0]:
        doors.append(args[1])
    if event == "socket.getaddrinfo":
        doors.append(args[:2])
sys.addaudithook(watch)
from router.core.upstream import Call, UpstreamSpec
from router.upstreams import build
url, model = sys.argv[1:]
request = {"model": "m", "messages": [{"role": "user", "content": "6 times 7?"}]}
async def main():
    upstream = build(UpstreamSpec("big", "litellm", model, url=url, key="k"))
    await upstream.state()
    print(doors)
    before = set(sys.modules)
    import json
    await upstream.send(Call("a", json.dumps(request).encode(), request))
    stream = await upstream.stream(Call("a", json.dumps({**request, "stream": True}).encode(), request))
    [chunk async for chunk in stream.chunks]
    heads = [name.partition(".")[0] for name in sys.modules.keys() - before]
    print(sum(head in ("litellm", "openai", "httpx") for head in heads))
    await upstream.aclose()
asyncio.run(main())
"""


@pytest.mark.parametrize("model", ["mistral/m", "openai/m"])
def test_everything_a_call_needs_is_imported_before_and_nobody_is_asked_for_it(model: str, scripted: Scripted) -> None:
    server = scripted().says("42")
    command = [sys.executable, "-W", "ignore", "-c", WATCHED, server.url, model]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    warmed, missing = done.stdout.splitlines()[-2:] or (done.stderr, "")
    assert warmed == "[]", done.stderr  # nowhere but to the port that it held itself
    assert int(missing) <= 3  # of some 80
    assert len(server.requests) == 2


async def test_the_loop_goes_on_meanwhile(built: Built, scripted: Scripted) -> None:
    upstream = built(kind="litellm", model="mistral/m", url=scripted().says("42").url, key="k")
    turns = 0

    async def turning() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.ensure_future(turning())
    await upstream.state()
    other.cancel()
    assert turns > 1


async def test_whoever_leaves_while_it_warms_leaves_it_warming(built: Built, scripted: Scripted) -> None:
    upstream = built(kind="litellm", model="mistral/m", url=scripted().says("42").url, key="k")
    first = asyncio.ensure_future(upstream.send(asked()))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert (await upstream.send(asked())).status == 200
