"""A panel played through the running proxy: does the ledger say what the second stage says offline?

`python -m bench.replay_panel FILE --panel A,B,C --keep-cut 0.66` writes every model's stored answers into a `recorded`
upstream of its own, starts smallfirst before them, asks each question as an ordinary client does, and compares what the
ledger kept with what the same classifier decides about the same answers in a plain loop. The figures must be equal.
"""

import argparse
import asyncio
import gzip
import json
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx

from bench.overhead import running
from classifier.labels import Label, parse
from classifier.verifier import Given, Verifier

HOPELESS = 0.1
CONFIG = """
upstreams:
{upstreams}
"""
POLICY = """
policy: balanced
keep_cut: {cut}
otherwise:
  plan:
    - {{panel: [{panel}], ask: {ask}, judges: [verifier]}}
    - big
"""


@dataclass(frozen=True, slots=True)
class Question:
    """One prompt with the stored answer and grade of every model of the panel, and of the big one."""

    body: Mapping[str, Any]
    answers: Sequence[Mapping[str, Any]]
    tokens: Sequence[int]
    grades: Sequence[float]
    digests: Sequence[str]
    big: Mapping[str, Any]
    big_grade: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who answered: the place in the panel, None for the big model; how many members were asked."""

    member: int | None
    calls: int


def read(path: Path, panel: Sequence[str], split: str) -> Iterator[Question]:
    """Every prompt of the split that all members answered."""
    rows: dict[str, dict[str, tuple[Label, Mapping[str, Any]]]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            row = json.loads(line)
            if row["small_model"] in panel and row.get("split") == split and row.get("small_response"):
                label = parse(row, f"{path}:{number}")
                rows.setdefault(label.prompt_id, {})[row["small_model"]] = (label, row)
    seen = set()
    for given in rows.values():
        first = next(iter(given.values()))[0]
        if len(given) == len(panel) and first.key not in seen and given[panel[0]][1].get("large_response"):
            seen.add(first.key)
            yield _question([given[name] for name in panel])


def _question(rows: Sequence[tuple[Label, Mapping[str, Any]]]) -> Question:
    label, row = rows[0]
    return Question(
        body=label.body,
        answers=[{"role": "assistant", "content": one["small_response"]} for _, one in rows],
        tokens=[int(one.get("small_completion_tokens") or 1) for _, one in rows],
        grades=[one.small_quality for one, _ in rows],
        digests=[one.small_digest for one, _ in rows],
        big={"role": "assistant", "content": row["large_response"]},
        big_grade=label.large_quality,
    )


def offline(verifier: Verifier, question: Question, cut: float) -> Outcome:
    """The sequential panel as a plain loop over the stored answers."""
    seats = len(question.answers)
    for asked in range(1, seats + 1):
        given = [
            Given(f"m{n}", question.digests[n], question.answers[n], "stop", question.tokens[n]) for n in range(asked)
        ]
        weighed = verifier.weigh(question.body, given, members=question.digests)
        if weighed.p_kept is None:
            keep = weighed.value is not None and weighed.support / seats >= cut
            over = weighed.value is not None and (weighed.support + seats - asked) / seats < cut
        else:
            keep = weighed.p_kept >= cut
            over = weighed.hopeless is not None and weighed.hopeless < HOPELESS
        if keep:
            return Outcome(weighed.best, asked)
        if over:
            return Outcome(None, asked)
    return Outcome(None, seats)


def write_world(
    folder: Path, questions: Sequence[Question], models: Sequence[str], options: argparse.Namespace
) -> None:
    """A recording a model, and the configuration and policy that put them before a client."""
    names = [f"m{n}" for n in range(len(models))]
    for place, name in enumerate([*names, "big"]):
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            for question in questions:
                small = place < len(names)
                message = question.answers[place] if small else question.big
                tokens = question.tokens[place] if small else 100
                usage = {"prompt_tokens": 50, "completion_tokens": tokens, "total_tokens": 50 + tokens}
                response = {"message": message, "finish_reason": "stop", "usage": usage}
                file.write(json.dumps({"request": question.body, "response": response}) + "\n")
    rows = [
        f"  {name}: {{kind: recorded, recording: {name}.jsonl, model: {json.dumps(model)}, local: true, price: free}}"
        for name, model in zip(names, models, strict=True)
    ]
    rows.append("  big: {kind: recorded, recording: big.jsonl, model: big, price: {input: 2.5, output: 10}}")
    (folder / "config.yaml").write_text(CONFIG.format(upstreams="\n".join(rows)))
    (folder / "policies").mkdir()
    policy = POLICY.format(cut=options.keep_cut, panel=", ".join(names), ask=options.ask)
    (folder / "policies" / "balanced.yaml").write_text(policy)


async def play(port: int, questions: Sequence[Question]) -> list[str]:
    """Ask everything, eight at a time; the exchange ids, in order."""
    turns = asyncio.Semaphore(8)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as http:

        async def ask(question: Question) -> str:
            async with turns:
                reply = await http.post("/v1/chat/completions", json={**question.body, "model": "auto"})
                reply.raise_for_status()
                return reply.headers["x-router-exchange"]

        return await asyncio.gather(*(ask(question) for question in questions))


def ledger(folder: Path, ids: Sequence[str]) -> list[Outcome]:
    """What the store's rows say of these exchanges, once the server has ended and everything is written."""
    with sqlite3.connect(folder / "smallfirst.db") as db:
        who = dict(db.execute("select id, upstream from exchanges"))
        calls = dict(db.execute("select exchange, count(*) from attempts where origin = 'panel' group by exchange"))
    return [Outcome(None if who[one] == "big" else int(who[one][1:]), calls.get(one, 0)) for one in ids]


def figures(questions: Sequence[Question], outcomes: Sequence[Outcome]) -> str:
    """Share kept small, loss and harm relative to always asking the big model, and calls a request."""
    big = sum(question.big_grade for question in questions)
    kept = [(q, o) for q, o in zip(questions, outcomes, strict=True) if o.member is not None]
    losses = [q.big_grade - q.grades[o.member] for q, o in kept if o.member is not None]
    share, loss = len(kept) / len(questions), sum(losses) / big if big else 0.0
    harm = sum(max(0.0, one) for one in losses) / len(questions)
    calls = sum(outcome.calls for outcome in outcomes) / len(outcomes)
    return f"share {share:7.2%}  loss {loss:7.2%}  harm {harm:7.2%}  calls {calls:5.3f}"


def main() -> int:
    """Play, compare, print; 1 where any request went another way than offline."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="labelled rows, .jsonl.gz")
    parser.add_argument("--panel", required=True, help="small models, strongest first, with commas between")
    parser.add_argument("--keep-cut", type=float, required=True)
    parser.add_argument("--ask", choices=("in_order", "at_once"), default="in_order")
    parser.add_argument("--split", default="dev")
    options = parser.parse_args()
    models = options.panel.split(",")
    questions = list(read(options.file, models, options.split))
    if not questions:
        print("no question was answered by every member; see --panel and --split", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_world(folder, questions, models, options)
        serve = ["-m", "router.cli", "serve", "--config", "config.yaml", "--port"]
        with running(lambda port: [*serve, str(port)], folder) as (port, _):
            ids = asyncio.run(play(port, questions))
        told = ledger(folder, ids)
    verifier = Verifier.load(Path(str(files("classifier"))) / "artifacts" / "default")
    alone = [offline(verifier, question, options.keep_cut) for question in questions]
    print(f"{options.file.name}, {options.split}: {len(questions)} questions, {' > '.join(models)}, {options.ask}")
    print(f"  ledger   {figures(questions, told)}")
    print(f"  offline  {figures(questions, alone)}")
    same = sum(a.member == b.member for a, b in zip(told, alone, strict=True))
    print(f"  {same} of {len(questions)} answered by the same model")
    return 0 if same == len(questions) or options.ask == "at_once" else 1


if __name__ == "__main__":
    sys.exit(main())
