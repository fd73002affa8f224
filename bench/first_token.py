"""Time to the first token of verified streams: hold, prefix and race beside asking either model directly.

`python -m bench.first_token` prints a table. The two models are paced as real ones are: a small local one that begins
soon, a big far one that begins late. What counts is the first byte of text that reaches the client. Every round asks
every way once; intervals are 95 % bootstraps over rounds, seeded.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.overhead import running

WORDS = (
    "The tide comes in twice a day. The moon pulls at the water on the near side of the earth, and the earth itself is "
    "pulled away from the water on the far side. Both bulges stay where they are while the earth turns below them. "
) * 3
ROUNDS, DRAWS, SEED = 15, 1000, 20260101


@dataclass(frozen=True, slots=True)
class Pace:
    """Milliseconds to the first token, and between the others."""

    first: float
    between: float


PACES = {"small": Pace(60, 8), "big": Pace(450, 8)}
CONFIG = """
upstreams:
  small: {{kind: openai, url: "http://127.0.0.1:{small}/v1", model: small, local: true, price: free, context: 8192}}
  big: {{kind: openai, url: "http://127.0.0.1:{big}/v1", model: big, price: {{input: 2.5, output: 10}}, context: 8192}}
policies: {{default: hold}}
"""
STEPS = {
    "hold": "{upstream: small, judges: [structure, refusal, loops]}",
    "prefix": "{upstream: small, judges: [structure, refusal, loops], stream: prefix}",
    "prefix-20": "{upstream: small, judges: [structure, loops], stream: prefix, prefix: 20}",
    "race": "{upstream: small, judges: [structure, refusal, loops], stream: race, first_token_ms: 100}",
    "race-prefix": "{upstream: small, judges: [structure, refusal, loops], stream: race, prefix: sentence, "
    "first_token_ms: 100}",
}


async def serve(port: int, pace: Pace) -> None:
    """An upstream that streams its words at this pace, until killed."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                _, found, rest = head.partition(b"content-length:")
                if found:
                    await reader.readexactly(int(rest.split(b"\r\n")[0]))
                await _stream(writer, pace)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with await asyncio.start_server(one, "127.0.0.1", port) as server:
        await server.serve_forever()


async def _stream(writer: asyncio.StreamWriter, pace: Pace) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    await asyncio.sleep(pace.first / 1000)
    for word in WORDS.split(" "):
        writer.write(_event({"content": f"{word} "}))
        await writer.drain()
        await asyncio.sleep(pace.between / 1000)
    writer.write(_event({}, "stop") + _framed(b"[DONE]") + b"0\r\n\r\n")


def _event(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _framed(json.dumps({"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": [choice]}).encode())


def _framed(data: bytes) -> bytes:
    data = b"data: " + data + b"\n\n"
    return b"%x\r\n%b\r\n" % (len(data), data)


async def first_ms(port: int, model: str) -> float:
    """Ask for one stream; milliseconds until text came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    message = {"role": "user", "content": "Why are there tides?"}
    body = json.dumps({"model": model, "messages": [message], "stream": True}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(body)}\r\n"
    start = time.perf_counter()
    writer.write(head.encode() + b"content-type: application/json\r\nconnection: close\r\n\r\n" + body)
    await reader.readuntil(b'"content"')
    found = (time.perf_counter() - start) * 1000
    await reader.readuntil(b"[DONE]")
    writer.close()
    return found


async def measure(ports: dict[str, int], ours: int, rounds: int) -> dict[str, list[float]]:
    """Every arm in turn, round after round."""
    arms = {f"direct {name}": (port, name) for name, port in ports.items()}
    arms |= {name: (ours, f"auto/{name}") for name in STEPS}
    found: dict[str, list[float]] = {name: [] for name in arms}
    for _ in range(rounds):
        for name, (port, model) in arms.items():
            found[name].append(await first_ms(port, model))
    return found


def table(found: dict[str, list[float]]) -> list[str]:
    """The medians as lines of Markdown, beside those of the models asked directly."""
    rounds, words = len(found["direct big"]), len(WORDS.split(" "))
    lines = [f"Medians of {rounds} rounds, an answer of {words} words; 95 % intervals.", ""]
    lines += [
        "| way | first text, ms | times the big one directly | times the small one directly |",
        "|---|---|---|---|",
    ]
    for arm, times in found.items():
        against = (_between(times, found[f"direct {model}"]) for model in ("big", "small"))
        lines.append(f"| {arm} | {_between(times, None, places=0)} | {' | '.join(against)} |")
    return lines


def _between(times: list[float], direct: list[float] | None, places: int = 2) -> str:
    """The median, or its ratio to that of `direct`, with what 95 % of resampled rounds say."""

    def figure(rounds: list[int]) -> float:
        own = median(times[n] for n in rounds)
        return own if direct is None else own / median(direct[n] for n in rounds)

    everyone, chance = list(range(len(times))), random.Random(SEED)
    drawn = sorted(figure(chance.choices(everyone, k=len(everyone))) for _ in range(DRAWS))
    low, high = drawn[int(0.025 * DRAWS)], drawn[int(0.975 * DRAWS) - 1]
    return f"{figure(everyone):.{places}f} ({low:.{places}f} to {high:.{places}f})"


def main() -> None:
    """Run it and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--serve", nargs=2, metavar=("NAME", "PORT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(int(options.serve[1]), PACES[options.serve[0]]))
        return
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, ports = Path(name), {}
        for who in PACES:
            command = running(lambda port, who=who: ["-m", "bench.first_token", "--serve", who, str(port)], folder)
            ports[who], _ = stack.enter_context(command)
        (folder / "policies").mkdir()
        for policy, step in STEPS.items():
            text = f"policy: {policy}\notherwise:\n  plan:\n    - {step}\n    - big\n"
            (folder / "policies" / f"{policy}.yaml").write_text(text)
        (folder / "config.yaml").write_text(CONFIG.format(**ports))
        started = ["-m", "router.cli", "serve", "--config", "config.yaml", "--port"]
        ours, _ = stack.enter_context(running(lambda port: [*started, str(port)], folder))
        found = asyncio.run(measure(ports, ours, options.rounds))
    print("\n".join(table(found)))


if __name__ == "__main__":
    sys.exit(main())
