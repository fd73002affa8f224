"""From requests to an artifact and back: the built-in world learns from its own ledger, and answers new questions.

`python -m bench.from_ledger` starts `smallfirst serve` over the three tiny models, with a policy that only observes,
and asks it questions as an ordinary client does. What the shadow left in the ledger is trained on and measured by
`smallfirst learn … --from ledger`; the artifact, with cuts as that says, then answers other questions, which are graded
by the built-in checker. Nothing of the artifacts that ship takes part.
"""

import argparse
import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from bench.overhead import running
from classifier.curve import Grades
from classifier.outcome import Measured
from classifier.outcome import measured as measured_by_question
from router.builtin.checks import check
from router.builtin.questions import Question, questions
from router.cli.main import main as smallfirst

PATIENCE_S, AT_ONCE, BATCH = 300.0, 4, 40
SALT = bytes(range(32))
INTERVALS = ("loss_interval", "harm_interval", "cost_saved_interval")
PANEL, LEVEL, COSTS = "small,second,third", "0.02", ("cost", "baseline")
MODEL = '{{kind: llamacpp, gguf: "builtin:{0}", model: {0}, context: 2048, threads: 1, price: free}}'
CONFIG = "\n".join(
    [
        "upstreams:",
        *(f"  {name}: {MODEL.format(f'tiny-{letter}')}" for name, letter in zip(PANEL.split(","), "abc", strict=True)),
        "  big: {kind: recorded, recording: builtin, price: {input: 2.50, output: 10.00}}",
        "",
    ]
)
POLICY = """
policy: balanced
{mode}
rules:
  - name: let-them-confer
    when: checkable
    plan: [{{panel: [small, second, third], judges: [structure, refusal, loops, verifier]}}, big]
{alone}otherwise: {{plan: [big]}}
"""
ALONE = """\
  - name: likely-good
    when: p_good >= cut
    plan: [{upstream: small, judges: [structure, refusal]}, big]
"""
SERVE = ["-m", "router.cli", "serve", "--config", "config.yaml", "--port"]


def write(folder: Path, mode: str, *, alone: str = "", extra: str = "") -> None:
    """Writes the configuration and its one policy."""
    (folder / "config.yaml").write_text(CONFIG + extra)
    (folder / "smallfirst.db.salt").write_bytes(SALT)  # who is held out is the same in every run
    (folder / "policies").mkdir(exist_ok=True)
    (folder / "policies" / "balanced.yaml").write_text(POLICY.format(mode=mode, alone=alone))


def until(happened: Any, what: str) -> None:
    """Looks again until something has happened; ends the run where it never does."""
    end = time.monotonic() + PATIENCE_S
    while not happened():
        if time.monotonic() > end:
            raise SystemExit(f"{what} did not happen within {PATIENCE_S:.0f} s")
        time.sleep(0.1)


async def ask(port: int, asked: Sequence[Question], model: str = "auto") -> list[httpx.Response]:
    """Asks everything, four at a time; the replies in order."""
    turns = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as http:

        async def one(question: Question) -> httpx.Response:
            async with turns:
                reply = await http.post("/v1/chat/completions", json={**question.body, "model": model})
                reply.raise_for_status()
                return reply

        return list(await asyncio.gather(*(one(question) for question in asked)))


def ready(port: int) -> bool:
    """Whether every model of ours is loaded."""
    phases = httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).json()["upstreams"]
    return all(phases[name] == "ready" for name in PANEL.split(","))


def waiting(folder: Path) -> int:
    """How many exchanges are still to be tried out, as the ledger has it."""
    with sqlite3.connect(folder / "smallfirst.db") as db:
        return int(db.execute("select count(*) from exchanges where shadow = 'waiting'").fetchone()[0])


def observe(folder: Path, asked: Sequence[Question]) -> None:
    """Asks questions that the big model answers, and lets everything be tried out."""
    write(folder, "mode: observe")
    with running(lambda port: [*SERVE, str(port)], folder) as (port, _):
        until(lambda: ready(port), "loading the models")
        for start in range(0, len(asked), BATCH):
            asyncio.run(ask(port, asked[start : start + BATCH]))
            until(lambda: not waiting(folder), "trying out")


def learn(folder: Path, *words: str) -> dict[str, Any]:
    """Runs `smallfirst learn … --from ledger` and returns what it says."""
    said = StringIO()
    with redirect_stdout(said):
        status = smallfirst(
            ["learn", *words, "--from", "ledger", "--config", str(folder / "config.yaml"), "--format", "json"]
        )
    if status:
        raise SystemExit(status)
    return dict(json.loads(said.getvalue().splitlines()[-1]))


def measured(stage: str, evaluation: Mapping[str, Any]) -> Iterator[str]:
    """One line for the way of a stage and for each control, all at the level."""
    ways = {"classifier": evaluation["at"][LEVEL]} | {
        name: way["at"][LEVEL] for name, way in evaluation["controls"].items()
    }
    for name, at in ways.items():
        share, *others = (percent(at[figure]) for figure in ("share_small", *INTERVALS))
        figures = " | ".join([share, *others[:2], f"{at['local_calls']:.2f}", others[2]])
        yield f"| {stage} | {name.replace('_', ' ')} | {evaluation['n']} | {figures} |"


def percent(interval: Mapping[str, float | None]) -> str:
    """A share in percent with its interval, to the places that it has: to round them again would round twice."""
    value, low, high = (100 * (interval[name] or 0.0) for name in ("value", "low", "high"))
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def act(folder: Path, asked: Sequence[Question], cuts: str) -> Iterator[str]:
    """Lines of what the artifact does with questions it never saw, graded, beside the controls."""
    write(folder, cuts, alone=ALONE, extra="classifier: {artifact: artifact}\n")
    with running(lambda port: [*SERVE, str(port)], folder) as (port, _):
        until(lambda: ready(port), "loading the models")
        replies = asyncio.run(ask(port, asked))
        alone = grades(asked, asyncio.run(ask(port, asked, "small")))
    small = np.array([reply.headers["x-router-upstream"] != "big" for reply in replies], dtype=np.float64)
    calls = np.array([float(reply.headers["x-router-attempts"]) for reply in replies]) - (1 - small)
    spent, worth = (np.array([float(reply.headers[f"x-router-{name}-usd"]) for reply in replies]) for name in COSTS)
    saved = float(1 - spent.sum() / worth.sum())
    yield line("the artifact", small, 1 - grades(asked, replies), calls, saved)
    families = [question.family for question in asked]
    means = {family: alone[[one == family for one in families]].mean() for family in families}
    ways = {
        "random mix of that cost": np.full(len(asked), saved),
        "always small": np.ones(len(asked)),
        "always big": np.zeros(len(asked)),
        "prompt length, in hindsight": first(np.array([len(q.ask) for q in asked]), small.mean()),
        "task mean, in hindsight": first(np.array([-means[family] for family in families]), small.mean()),
        "oracle": alone,
    }
    for name, kept in ways.items():
        yield line(name, kept, kept * (1 - alone), kept, float((kept * worth).sum() / worth.sum()))


def first(score: Any, share: float) -> Any:
    """Which requests a way keeps that keeps as many as we did, the lowest scores first."""
    kept = np.zeros(len(score))
    kept[np.argsort(score, kind="stable")[: round(share * len(score))]] = 1.0
    return kept


def grades(asked: Sequence[Question], replies: Sequence[httpx.Response]) -> Any:
    """What each answer is worth, by the built-in checker; the answer sheet's is always right."""
    messages = (reply.json()["choices"][0]["message"] for reply in replies)
    return np.array([check(question, message) for question, message in zip(asked, messages, strict=True)])


def line(name: str, small: Any, lost: Any, calls: Any, saved: float) -> str:
    """One line of the table, intervals by question."""
    n, ones, fixed = len(small), np.ones(len(small)), bool(np.ptp(small) == 0)
    way = Measured(small, lost, 0 * ones, fixed)
    found = measured_by_question(way, Grades(ones - lost, ones, ones, ones, np.arange(n)), 500, 7)
    share, loss = percent(found["share_small"]), percent(found["loss_interval"])
    return f"| {name} | {n} | {share} | {loss} | {calls.mean():.2f} | {100 * saved:.2f} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Plays, learns, measures, acts, prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.from_ledger", description=__doc__)
    parser.add_argument("--play", type=int, default=1000, help="questions asked to learn from (default: 1000)")
    parser.add_argument("--ask", type=int, default=400, help="other questions asked of what was learned (default: 400)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        observe(folder, questions("play", options.play))
        print("| stage | way | n held out | share small % | loss % | harm % | local calls | cost saved % |")
        print("|---|---|---|---|---|---|---|---|", flush=True)
        for stage, words in (("question", ("--small", "small")), ("panel", ("--panel", PANEL))):
            evaluation = learn(folder, "evaluate", "--stage", stage, *words)
            print(*measured(stage, evaluation), sep="\n", flush=True)
            if stage == "question":
                cut = evaluation["at"][LEVEL]["p_good"]["tiny-a"]
            else:
                keep_cut = max(p for p in evaluation["at"][LEVEL]["p_kept"] if p is not None)
        learn(folder, "train", "--small", "small", "--out", str(folder / "artifact"))
        learn(folder, "train", "--stage", "panel", "--panel", PANEL, "--out", str(folder / "artifact" / "panel"))
        cuts = f"keep_cut: {keep_cut}" + ("" if cut is None else f"\ncut: {cut}")
        print(f"\nacting with {cuts.replace(chr(10), ', ')}:\n")
        print(
            "| way | n | share small % | loss % | local calls | cost saved % |\n|---|---|---|---|---|---|", flush=True
        )
        print(*act(folder, questions("test", options.ask), cuts), sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
