"""Asks one tiny model every question again, at a temperature: `python -m bench.tiny.samples`.

Writes `graded/NAME-samples.jsonl.gz`: two further samples of each question as rows of their own, named as members.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from typing import Any

from bench.tiny.grade import GRADED, MODELS, Paper, ask, row, write
from bench.tiny.server import SLOTS, serve
from router.builtin.questions import Question

PAPERS = (
    Paper("train", "train", 1500),
    Paper("test", "test", 1000),
    Paper("shifted", "test", 500, shifted=True),
)
"""The first of the questions that `grade` asks, which are the first of a longer list."""

MODEL, SAMPLES, TEMPERATURE = "tiny-b", 3, 0.7
"""The strongest of the three; its answer at temperature 0, which `grade` wrote, is the first of the samples."""


def name_of(sample: int) -> str:
    """Return what the rows of a sample call their model; the first is the model itself."""
    return MODEL if sample == 1 else f"{MODEL}, sample {sample}"


def asked_again(url: str, question: Question, sample: int) -> dict[str, Any]:
    """Return the model's reply at the temperature that the proxy gives further samples; same question, same seed."""
    seed = int(sha256(f"{question.id} {sample}".encode()).hexdigest()[:7], 16)
    return ask(url, replace(question, body={**question.body, "temperature": TEMPERATURE, "seed": seed}))


def rows(url: str, paper: Paper, pool: ThreadPoolExecutor, digest: str) -> Iterator[dict[str, Any]]:
    """Yield the graded rows of one paper's further samples, question by question."""
    todo = [(question, sample) for question in paper.questions() for sample in range(2, SAMPLES + 1)]
    replies = pool.map(lambda one: asked_again(url, *one), todo)
    for (question, sample), reply in zip(todo, replies, strict=True):
        names = {"small_model": name_of(sample), "small_digest": f"{digest}-{sample}", "split": paper.split}
        yield row(question, reply) | names


def main() -> int:
    """Sample every paper; 0 when the files are written."""
    model = MODELS / f"{MODEL}.gguf"
    served, digest = serve(model), sha256(model.read_bytes()).hexdigest()[:12]
    with ThreadPoolExecutor(SLOTS) as pool:
        for paper in PAPERS:
            found = list(rows(served.url, paper, pool, digest))
            right = sum(line["small_quality"] for line in found)
            sys.stderr.write(f"{MODEL} {paper.name}: {right / len(found):.3f} of {len(found)}\n")
            write(GRADED / f"{paper.name}-samples.jsonl.gz", found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
