"""A panel played through the running proxy: does the ledger say what the second stage says offline?

`python -m bench.replay_panel --data DIR` takes each set of `bench.panel` as one application. It trains a second stage
on the set's `train` questions and fixes one cut there; writes every model's stored answers into a `recorded` upstream
of its own, starts smallfirst before them, asks each `dev` question as an ordinary client does, and prints what the
ledger says, with intervals, beside what the same classifier decides about the same answers in a plain loop.
"""

import argparse
import asyncio
import json
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from shutil import copytree
from typing import Any

import httpx
import numpy as np

from bench.overhead import running
from bench.panel_cases import CASES, Case
from classifier import labels, panel, panel_train, stopping, verifier_artifact, verifier_train
from classifier.evaluate import Options
from classifier.label import Label
from classifier.panel_train import Learned, Plan
from classifier.questions import Question, gather
from classifier.stopping import NEVER, Cuts, Outcome, Stages
from classifier.values import checkable
from classifier.verifier import Given, Verifier

HOPELESS, BY_VOTES = 0.1, 0.66
"""The judge's own limit; and the share that must agree where no level is known: two of three."""

CONFIG = """
classifier: {{artifact: artifact}}
upstreams:
{upstreams}
"""
POLICY = """
policy: balanced
keep_cut: {cut}
rules:
  - name: let-them-confer
    when: checkable
    plan:
      - {{panel: [{panel}], ask: {ask}, judges: [verifier]}}
      - big
otherwise:
  plan: [{prose}]
"""


@dataclass(frozen=True, slots=True)
class World:
    """A set as it is played: its questions, the model for what cannot be compared, and the one cut."""

    questions: Sequence[Question]
    prose: str
    cut: float


def application(case: Case, row: Label) -> Label:
    """Returns the row as a request of an application of its own, which a benchmark is: a system prompt names it."""
    system = {"role": "system", "content": f"You answer questions of the set {case.name.split(',')[0]}."}
    return replace(row, body={**row.body, "messages": [system, *row.body["messages"]]})


def message_of(row: Label) -> Mapping[str, Any]:
    """Returns the message a row's model gave. A text that is stored cut is as long again as it was, of blanks, with the
    final answer at its end: to so few characters the proxy would believe no count of its many tokens."""
    written = row.answer
    if written.message is not None:
        return written.message
    text, chars, end = written.text or "", written.chars or 0, ""
    if chars > len(text) and written.final is not None:
        value = f"({written.final})" if len(written.final) == 1 else written.final
        end = f"\n\nThe answer is {value}"
    return {"role": "assistant", "content": text.ljust(chars - len(end)) + end}


def given(question: Question) -> list[Given]:
    """Returns every member's answer as the judges hand it on."""
    return [
        Given(f"m{n}", row.small_digest, message_of(row), "stop", row.spending.small_tokens or 1)
        for n, row in enumerate(question.labels)
    ]


def shared_cut(learned: Learned, loss: float) -> float:
    """Returns the one `p_kept` which, as every stage's cut, keeps most of the learned questions within the loss."""
    own, curve = learned.best.stages, panel_train.calibrate(learned.best.stages)
    chance = np.array([[curve.p_good(-s, str(t)) for s in row] for t, row in enumerate(own.score.tolist(), 1)])
    stages, best, kept = Stages(chance, own.grade, own.big), NEVER, -1.0
    for cut in np.unique(np.quantile(chance, np.linspace(0, 1, 401))).tolist():
        outcome = stopping.play(stages, Cuts((cut,) * len(chance)))
        if outcome.lost(own.big).sum() <= loss * own.big.sum() and outcome.kept.mean() > kept:
            best, kept = cut, float(outcome.kept.mean())
    return best


def learn(case: Case, questions: Sequence[Question], folder: Path, loss: float) -> World:
    """Trains what the proxy will load into `folder` and returns the world that is to be played."""
    apart = once([question for question in questions if question.label.split == "dev"])
    keys = {question.key for question in apart}
    train = [question for question in questions if question.label.split == "train" and question.key not in keys]
    copytree(Path(str(files("classifier"))) / "artifacts" / "default", folder)
    plan = Plan(recipe=verifier_train.Recipe(), task_from="request", deviations=0.0)
    compared = [question for question in train if checkable(question.label.body)]
    cut = BY_VOTES
    if len(compared) > len(train) / 2:
        learned = panel_train.learn(compared, plan)
        verifier_artifact.save(folder / "panel", *panel_train.finish(learned))
        cut = BY_VOTES if all(question.ask.kind == "tools" for question in compared) else shared_cut(learned, loss)
    rest = np.array([question.big - question.grades[0] for question in train])
    worth = sum(question.big for question in train)
    prose = "m0" if float(rest.sum()) <= loss * worth else "big"
    return World(apart, prose, min(cut, 1.0))


def once(questions: Sequence[Question]) -> list[Question]:
    """Returns the questions without those that are asked again word for word: a recording holds one answer to each."""
    return list({json.dumps(question.label.body): question for question in questions}.values())


def offline(verifier: Verifier, question: Question, world: World) -> tuple[int | None, int]:
    """Returns who answers (None is the big model) and how many were asked, by a plain loop over the stored answers."""
    if not checkable(question.label.body):
        return (0, 1) if world.prose == "m0" else (None, 0)
    answers, digests = given(question), [row.small_digest for row in question.labels]
    seats = len(answers)
    for asked in range(1, seats + 1):
        weighed = verifier.weigh(question.label.body, answers[:asked], members=digests)
        if weighed.p_kept is None:
            keep = weighed.value is not None and weighed.support / seats >= world.cut
            over = weighed.value is not None and (weighed.support + seats - asked) / seats < world.cut
        else:
            keep = weighed.p_kept >= world.cut
            over = weighed.hopeless is not None and weighed.hopeless < HOPELESS
        if keep:
            return weighed.best, asked
        if over:
            return None, asked
    return None, seats


def write_world(folder: Path, world: World, ask: str) -> None:
    """Writes a recording a model, and the configuration and policy that put them before a client."""
    names = [f"m{n}" for n in range(len(world.questions[0].labels))]
    for place, name in enumerate([*names, "big"]):
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(_recorded(question, place))}\n" for question in world.questions)
    rows = [
        f"  {name}: {{kind: recorded, recording: {name}.jsonl, model: {json.dumps(row.small_model)}, local: true, "
        "price: free}"
        for name, row in zip(names, world.questions[0].labels, strict=True)
    ]
    rows.append("  big: {kind: recorded, recording: big.jsonl, model: big, price: {input: 2.5, output: 10}}")
    (folder / "config.yaml").write_text(CONFIG.format(upstreams="\n".join(rows)))
    (folder / "policies").mkdir()
    policy = POLICY.format(cut=world.cut, panel=", ".join(names), ask=ask, prose=world.prose)
    (folder / "policies" / "balanced.yaml").write_text(policy)


def _recorded(question: Question, place: int) -> dict[str, Any]:
    small = question.labels[place] if place < len(question.labels) else None
    spent = question.label.spending
    tokens = (small.spending.small_tokens if small else spent.large_tokens) or 1
    usage = {"prompt_tokens": spent.prompt_tokens or 1, "completion_tokens": tokens}
    message = message_of(small) if small else {"role": "assistant", "content": "The big model's answer."}
    response = {"message": message, "finish_reason": "stop", "usage": usage}
    return {"request": question.label.body, "response": response}


async def play(port: int, questions: Sequence[Question]) -> list[str]:
    """Asks everything, eight at a time; returns the exchange ids, in order."""
    turns = asyncio.Semaphore(8)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as http:

        async def ask(question: Question) -> str:
            async with turns:
                reply = await http.post("/v1/chat/completions", json={**question.label.body, "model": "auto"})
                reply.raise_for_status()
                return reply.headers["x-router-exchange"]

        return await asyncio.gather(*(ask(question) for question in questions))


def ledger(folder: Path, ids: Sequence[str]) -> list[tuple[int | None, int]]:
    """Returns what the store's rows say of these exchanges, once the server has ended and everything is written."""
    with sqlite3.connect(folder / "smallfirst.db") as db:
        who = dict(db.execute("select id, upstream from exchanges"))
        calls = dict(db.execute("select exchange, count(*) from attempts where upstream != 'big' group by exchange"))
    return [(None if who[one] == "big" else int(who[one][1:]), calls.get(one, 0)) for one in ids]


def figures(world: World, went: Sequence[tuple[int | None, int]], options: Options) -> str:
    """Returns share, loss, harm, calls and cost saved as cells of a table, with intervals by question."""
    member = np.array([-1 if one is None else one for one, _ in went])
    grade = np.array([question.grades[max(m, 0)] for question, m in zip(world.questions, member, strict=True)])
    outcome = Outcome(member >= 0, grade, np.array([float(calls) for _, calls in went]))
    big = np.array([question.big for question in world.questions])
    seen = panel.side(world.questions, Stages(np.zeros((1, len(big))), grade[None, :], big), options)
    at = panel.figures_of(outcome, seen, options)
    share, loss, harm = (_percent(at[name]) for name in ("share_small", "loss_interval", "harm_interval"))
    return f"{share} | {loss} | {harm} | {at['local_calls']:.2f} | {100 * at['cost_saved']:.1f}"


def _percent(interval: Mapping[str, float]) -> str:
    value, low, high = (100 * interval[name] for name in ("value", "low", "high"))
    return f"{value:.1f} ({low:.1f} to {high:.1f})"


def played(case: Case, options: argparse.Namespace) -> Iterator[str]:
    """Yields the two lines of a set: ledger and offline."""
    rows = [application(case, row) for row in labels.read([options.data / case.file])]
    questions = gather(rows, case.members, case.big)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world = learn(case, questions, folder / "artifact", options.loss)
        write_world(folder, world, options.ask)
        serve = ["-m", "router.cli", "serve", "--config", "config.yaml", "--port"]
        with running(lambda port: [*serve, str(port)], folder) as (port, _):
            ids = asyncio.run(play(port, world.questions))
        told_by_ledger = ledger(folder, ids)
        verifier = Verifier.load(folder / "artifact" / "panel")
    alone = [offline(verifier, question, world) for question in world.questions]
    same = sum(a == b for a, b in zip(told_by_ledger, alone, strict=True))
    start = f"| {case.name} | {len(world.questions)} | {world.cut:.3f}, else {world.prose} "
    yield f"{start}| ledger | {figures(world, told_by_ledger, Options())} | {same} of {len(alone)} |"
    yield f"{start}| offline | {figures(world, alone, Options())} | |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Plays, compares, prints; 1 where any request went another way than offline."""
    parser = argparse.ArgumentParser(prog="python -m bench.replay_panel", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled files")
    parser.add_argument("--cases", default="gsm8k,math,bfcl,mmlu-gemini,alpaca", help="of: " + ", ".join(CASES))
    parser.add_argument("--loss", type=float, default=0.02, help="relative loss that the cut aims at")
    parser.add_argument("--ask", choices=("in_order", "at_once"), default="in_order")
    options = parser.parse_args(arguments)
    print("| data | n | cut | said by | share small % | loss % | harm % | local calls | cost saved % | as offline |")
    print("|---|---|---|---|---|---|---|---|---|---|", flush=True)
    lines = []
    for name in options.cases.split(","):
        lines.extend(played(CASES[name], options))
        print(*lines[-2:], sep="\n", flush=True)
    split = [
        line for line in lines if " of " in line and len({*line.rsplit("| ", 1)[1].rstrip(" |").split(" of ")}) > 1
    ]
    return 1 if split and options.ask == "in_order" else 0


if __name__ == "__main__":
    sys.exit(main())
