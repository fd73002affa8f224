"""What the proxy costs: `make bench` compares it with calling the upstream directly and with a bare hop, in one run.

Arms take turns in short slices, so that whatever else the machine does hits all of them alike. Read
the ratios, not the absolute figures: those of two runs differ by a third on a shared machine.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import uvloop

PATIENCE_S = 90.0
WARM_S = 1.0
ASK = "Explain the difference between the two in a few careful sentences. " * 12
SYSTEM = "You are a helpful assistant that answers briefly. " * 6
CONFIG = """
upstreams:
  small: {{kind: openai, url: "{url}", model: mock, local: true, price: free, context: 8192}}
  big: {{kind: openai, url: "{url}", model: mock, price: {{input: 2.5, output: 10}}, context: 8192}}
"""
POLICY = """
policy: balanced
cut: 0.5
rules:
  - {name: does-not-fit, when: prompt_tokens > small.context - max_tokens, plan: [big]}
  - {name: likely-good, when: p_good >= cut and tools == 0, plan: [small, big]}
otherwise: {plan: [big]}
"""


@dataclass(frozen=True, slots=True)
class Load:
    """How an arm is asked: how many connections at once, and whether for streams."""

    name: str
    connections: int
    stream: bool = False


LOADS = (
    Load("one connection", 1),
    Load("eight connections", 8),
    Load("one stream, to its first token", 1, stream=True),
)


@dataclass(frozen=True, slots=True)
class Slice:
    """What one slice saw: times in ms, and CPU in µs a request of the arm's process and its children."""

    times_ms: tuple[float, ...]
    cpu_us: float

    @property
    def p50(self) -> float:
        """The median time in ms."""
        return median(self.times_ms)


@dataclass(slots=True)
class Arm:
    """One way to reach the upstream, and what was measured on it, by load."""

    name: str
    port: int
    pid: int
    slices: dict[str, list[Slice]] = field(default_factory=dict)

    def p50(self, load: Load) -> float:
        """The median of the slices' medians, in ms."""
        return median(s.p50 for s in self.slices[load.name])

    def p95(self, load: Load) -> float:
        """The 95th percentile of all times, in ms."""
        times = [t for s in self.slices[load.name] for t in s.times_ms]
        return quantiles(times, n=20)[-1] if len(times) > 1 else times[0]

    def cpu(self, load: Load) -> float:
        """The median of the slices' CPU, in µs a request."""
        return median(s.cpu_us for s in self.slices[load.name])


def request(*, stream: bool) -> bytes:
    """One chat request of about 1 KB, head and body."""
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": ASK}]
    body = json.dumps({"model": "auto", "messages": messages, "max_tokens": 256, "stream": stream}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(body)}\r\n"
    return head.encode() + b"content-type: application/json\r\n\r\n" + body


async def ask_whole(reader: asyncio.StreamReader) -> float:
    """Read one whole reply; returns when it was there."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert head.startswith(b"http/1.1 200"), head
    await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
    return time.perf_counter()


async def ask_stream(reader: asyncio.StreamReader) -> float:
    """Read one stream; returns when its first token was there."""
    seen = await reader.readuntil(b"data: ")
    first = time.perf_counter()
    assert seen.lower().startswith(b"http/1.1 200"), seen
    await reader.readuntil(b"0\r\n\r\n")
    return first


async def one_connection(port: int, load: Load, until: float) -> list[float]:
    """Ask again and again on one connection; the times in ms."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    sent, read, times = request(stream=load.stream), ask_stream if load.stream else ask_whole, []
    while (start := time.perf_counter()) < until:
        writer.write(sent)
        times.append((await read(reader) - start) * 1000)
    writer.close()
    await writer.wait_closed()
    return times


async def measure(arm: Arm, load: Load, seconds: float) -> Slice:
    """One slice of one load on one arm."""
    before, until = cpu_us(arm.pid), time.perf_counter() + seconds
    asked = await asyncio.gather(*(one_connection(arm.port, load, until) for _ in range(load.connections)))
    times = tuple(t for times in asked for t in times)
    await asyncio.sleep(0.1)  # a writer that gathers rows has written them by now: its CPU belongs to this slice
    return Slice(times, (cpu_us(arm.pid) - before) / len(times))


def cpu_us(pid: int) -> float:
    """CPU that a process and its children have used, in µs; 0 where the system keeps no such count (not Linux)."""
    total = 0.0
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            total += int((task / "schedstat").read_text().split()[0]) / 1000
            children = (task / "children").read_text().split()
        except OSError:
            continue
        total += sum(cpu_us(int(child)) for child in children)
    return total


def free_port() -> int:
    """A port nobody listens on just now."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(command: Callable[[int], list[str]], cwd: Path) -> Iterator[tuple[int, int]]:
    """A server process, from listening to its end; gives its port and process id."""
    port = free_port()
    root = str(Path(__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, *command(port)], cwd=cwd, env=os.environ | {"PYTHONPATH": root}, stdout=subprocess.DEVNULL
    )
    try:
        _await_port(process, port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        with closing(socket.socket()) as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"{process.args!r} did not start; run it by hand to see why.")


def start_arms(stack: ExitStack, folder: Path) -> list[Arm]:
    """The upstream itself, the bare hop before it, and smallfirst before it with all it does."""
    upstream, pid = stack.enter_context(running(lambda port: ["-m", "bench.mock", str(port)], folder))
    url = f"http://127.0.0.1:{upstream}/v1"
    (folder / "policies").mkdir()
    (folder / "policies" / "balanced.yaml").write_text(POLICY)
    (folder / "config.yaml").write_text(CONFIG.format(url=url))
    hop = running(lambda port: ["-m", "bench.hop", str(port), url], folder)
    ours = running(lambda port: ["-m", "router.cli", "serve", "--config", "config.yaml", "--port", str(port)], folder)
    named = {"hop": stack.enter_context(hop), "smallfirst": stack.enter_context(ours)}
    return [Arm("direct", upstream, pid), *(Arm(name, port, pid) for name, (port, pid) in named.items())]


def report(load: Load, arms: list[Arm]) -> Iterator[str]:
    """The table of one load, then ours over the hop's, with the lowest and highest slice."""
    direct, hop, ours = arms
    yield f"\n{load.name}\n  {'':12}{'asked':>8}{'p50 ms':>9}{'p95 ms':>9}{'added p50':>11}{'CPU µs/request':>16}"
    for arm in arms:
        asked = sum(len(s.times_ms) for s in arm.slices[load.name])
        added = arm.p50(load) - direct.p50(load)
        yield f"  {arm.name:12}{asked:8,}{arm.p50(load):9.2f}{arm.p95(load):9.2f}{added:11.2f}{arm.cpu(load):16,.0f}"
    pairs = list(zip(ours.slices[load.name], hop.slices[load.name], strict=True))
    yield "  smallfirst / hop: " + ", ".join(
        [
            ratio("p50", [a.p50 / b.p50 for a, b in pairs]),
            ratio("CPU", [a.cpu_us / b.cpu_us for a, b in pairs if b.cpu_us]),
        ]
    )


def ratio(name: str, found: list[float]) -> str:
    """A median of ratios with its range, in words."""
    return f"{name} × {median(found):.2f} ({min(found):.2f}–{max(found):.2f})" if found else f"{name} not known here"


async def compare(arms: list[Arm], rounds: int, seconds: float) -> None:
    """Warm every arm, then every round gives each of them a slice of each load."""
    for arm in arms:
        await measure(arm, LOADS[1], WARM_S)
    for _ in range(rounds):
        for load in LOADS:
            for arm in arms:
                arm.slices.setdefault(load.name, []).append(await measure(arm, load, seconds))


def main() -> None:
    """Run it and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="slices of each load on each arm (default 7)")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a slice (default 1)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        arms = start_arms(stack, Path(folder))
        uvloop.run(compare(arms, options.rounds, options.seconds))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {options.rounds} slices of {options.seconds:g} s")
    for load in LOADS:
        print("\n".join(report(load, arms)))


if __name__ == "__main__":
    main()
