"""Asks the tiny models every question and writes what they are worth: `python -m bench.tiny.grade`."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import urllib.error
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench.tiny.server import SLOTS, post, serve
from router.builtin.checks import check
from router.builtin.questions import Question, Split, questions
from router.builtin.sheet import recording
from router.core.logprobs import of_content

MODELS = Path("router/builtin/models")
GRADED = Path("bench/tiny/graded")


@dataclass(frozen=True, slots=True)
class Paper:
    """One file of questions to grade."""

    name: str
    split: Split
    n: int
    shifted: bool = False

    def questions(self) -> list[Question]:
        """Return its questions."""
        return questions(self.split, self.n, shifted=self.shifted)


PAPERS = (
    Paper("train", "train", 4000),
    Paper("cut", "cut", 1500),
    Paper("test", "test", 2000),
    Paper("shifted", "test", 2000, shifted=True),
)


def grade(model: Path, papers: Iterable[Paper]) -> dict[str, list[dict[str, Any]]]:
    """Return paper name → one graded row a question, in the order of the questions."""
    served, digest = serve(model), sha256(model.read_bytes()).hexdigest()[:16]
    graded = {}
    with ThreadPoolExecutor(SLOTS) as pool:
        for paper in papers:
            asked = paper.questions()
            replies = pool.map(lambda question: ask(served.url, question), asked)
            names = {"small_model": model.stem, "small_digest": digest, "split": paper.split}
            graded[paper.name] = [row(question, reply) | names for question, reply in zip(asked, replies, strict=True)]
            right = sum(line["small_quality"] for line in graded[paper.name])
            sys.stderr.write(f"{model.stem} {paper.name}: {right / len(asked):.3f} of {len(asked)}\n")
    return graded


def ask(url: str, question: Question) -> dict[str, Any]:
    """Return the model's reply at temperature 0 with log-probabilities; a refusal of the server is an empty reply."""
    try:
        return post(url, "/v1/chat/completions", {**question.body, "logprobs": True, "top_logprobs": 1})
    except urllib.error.HTTPError as refused:
        sys.stderr.write(f"{question.id}: {refused.read()[:200]!r}\n")
        return {"choices": [{"message": {}}], "usage": {"prompt_tokens": 0, "completion_tokens": 0}}


def row(question: Question, reply: Mapping[str, Any]) -> dict[str, Any]:
    """Return one labelled row; token counts are the sheet's estimate for the big model, llama.cpp's for the small."""
    right, chosen = recording(question), reply["choices"][0]
    likely = of_content((chosen.get("logprobs") or {}).get("content") or ())  # as the judges read them: no end token
    return {
        "prompt_id": question.id,
        "source": "builtin",
        "category": question.family,
        "prompt": " ".join(question.ask.split()),  # on one line: the options belong to the stem that splits are made by
        "request": question.body,
        "shifted": question.shifted,
        "large_model": "answer-sheet",
        "small_quality": check(question, chosen["message"]),
        "large_quality": 1.0,
        "quality_kind": "exact",
        "license": "Apache-2.0 (made for this project)",
        "small_response": said(chosen["message"]),
        **as_given(chosen),
        "large_response": said(right.message),
        "prompt_tokens": right.usage["prompt_tokens"],
        "small_completion_tokens": reply["usage"]["completion_tokens"],
        "large_completion_tokens": right.usage["completion_tokens"],
        "small_mean_logprob": round(sum(likely) / len(likely), 4) if likely else None,
        "small_min_logprob": round(min(likely), 4) if likely else None,
        "tokens_kind": "bytes/4",
    }


def as_given(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a judge sees of a reply beside its text: why it ended, and its calls without their random ids."""
    calls = [{"type": "function", "function": call["function"]} for call in chosen["message"].get("tool_calls") or ()]
    message = {"role": "assistant", "content": chosen["message"].get("content"), "tool_calls": calls}
    return {"small_finish_reason": chosen.get("finish_reason")} | ({"small_message": message} if calls else {})


def said(message: Mapping[str, Any]) -> str:
    """Return a reply as text: its content, or its tool calls as JSON."""
    calls = [call["function"] for call in message.get("tool_calls") or ()]
    return json.dumps(calls) if calls else str(message.get("content") or "")


def write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as gzipped JSON lines, the same bytes for the same rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in rows)
    path.write_bytes(gzip.compress(lines.encode(), 9, mtime=0))


def main() -> int:
    """Grade every model in the folder over every paper; 0 when the files are written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--out", type=Path, default=GRADED)
    asked = parser.parse_args()
    graded = [grade(model, PAPERS) for model in sorted(asked.models.glob("*.gguf"))]
    for paper in PAPERS:
        together = zip(*(one[paper.name] for one in graded), strict=True)
        write(asked.out / f"{paper.name}.jsonl.gz", (line for lines in together for line in lines))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
