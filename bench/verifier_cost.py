"""`python -m bench.verifier_cost`: how long the judge `verifier` takes for one, two and three answers.

Times the judge as the pipeline calls it, reading of values and all, on one core. Built-in questions with the built-in
second stage; and an ask and answers as long as they get in practice with the shipped one, whose models are named.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from time import thread_time_ns
from typing import Any

import numpy as np

from bench.tiny.grade import GRADED
from bench.tiny.panel import MEMBERS, PANEL
from classifier.label import Label
from classifier.labels import read
from classifier.verifier import Verifier
from router.core.ports import Answer, Hearing, MemberAnswer
from router.judges.verifier import VerifierJudge

ROUNDS, QUESTIONS = 5, 200
ASK, TOLD = 4_000, 2_000
"""Characters of the long ask and of each long answer."""


@dataclass(frozen=True)
class Asked:
    """A request and its answers, as far as they have come."""

    body: Mapping[str, Any]
    answer: Answer


def builtin() -> Iterator[list[Asked]]:
    """Yields, for one, two and three answers, built-in questions with what the tiny models said."""
    rows: dict[str, list[Label]] = {}
    for row in read([GRADED / "test.jsonl.gz"]):
        rows.setdefault(row.prompt_id, []).append(row)
    for size in range(1, len(MEMBERS) + 1):
        yield [_asked(given, size) for given in list(rows.values())[:QUESTIONS]]


def long(verifier: Verifier) -> Iterator[list[Asked]]:
    """Yields the same for one sum told at length, answered at length by the shipped artifact's first panel."""
    manifest = verifier.manifest
    members = manifest.levels[0].members if manifest else ("a", "b", "c")
    story = "A cart holds 14 sacks of 25 kg and loses 3 of them at each of 2 stops. "
    ask = (story * (ASK // len(story) + 1))[:ASK] + " How many kg are left on the cart?"
    body = {"messages": [{"role": "user", "content": ask}]}
    step = "Each stop takes 3 sacks, so 14 - 3 = 11; then 11 - 3 = 8. "
    for size in range(1, len(members) + 1):
        text = (step * (TOLD // len(step) + 1))[:TOLD]
        said = [
            MemberAnswer(name, name, _answer(f"{text} The answer is {200 + n // 2}."), 500)
            for n, name in enumerate(members)
        ]
        yield [Asked(body, _heard(said[:size], members))] * QUESTIONS


def _asked(rows: Sequence[Label], size: int) -> Asked:
    members = tuple(row.small_digest for row in rows)
    said = [
        MemberAnswer(row.small_model, row.small_digest, _answer_of(row), row.spending.small_tokens)
        for row in rows[:size]
    ]
    return Asked(rows[0].body, _heard(said, members))


def _answer_of(row: Label) -> Answer:
    message = row.answer.message or {"role": "assistant", "content": row.answer.text or ""}
    return Answer(message, row.answer.finish_reason)


def _answer(text: str) -> Answer:
    return Answer({"role": "assistant", "content": text}, "stop")


def _heard(said: Sequence[MemberAnswer], members: Sequence[str]) -> Answer:
    last = said[-1].answer
    hearing = Hearing(given=tuple(said), members=tuple(members), keep_cut=0.9)
    return Answer(last.message, last.finish_reason, hearing=hearing)


def times(judge: VerifierJudge, asked: Sequence[Asked]) -> np.ndarray:
    """Returns microseconds of processor time of every call: what others do on the machine does not count."""
    found = []
    for _ in range(ROUNDS):
        for one in asked:
            begun = thread_time_ns()
            judge.judge(one.body, one.answer, ())
            found.append((thread_time_ns() - begun) / 1e3)
    return np.array(found)


def main() -> int:
    """Prints a Markdown table; times are for people, nothing fails."""
    shipped = Verifier.load(Path(str(files("classifier"))) / "artifacts" / "panel")
    sets = {
        "built-in questions": (Verifier.load(PANEL), list(builtin())),
        f"an ask of {ASK:,} characters, answers of {TOLD:,}": (shipped, list(long(shipped))),
    }
    print("| asked | answers | median µs | 95th percentile µs |", "|---|---|---|---|", sep="\n")
    for name, (verifier, sizes) in sets.items():
        judge = VerifierJudge(verifier)
        for size, asked in enumerate(sizes, start=1):
            spent = times(judge, asked)
            print(f"| {name} | {size} | {np.median(spent):.0f} | {np.quantile(spent, 0.95):.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
