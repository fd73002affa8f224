"""Trains one tiny model for a fixed number of steps and writes it as GGUF: `python -m bench.tiny.train tiny-a`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from bench.tiny import gguf_file, vocabulary
from bench.tiny.llama import Llama, Shape
from bench.tiny.mixes import MIXES, Mix, mix
from bench.tiny.muon import Muon
from bench.tiny.transcript import transcript
from router.builtin.questions import FAMILIES, draw

VOCABULARY = 1400
BATCH = 64
POOL = 8
IGNORED = -100


@dataclass(frozen=True, slots=True)
class Example:
    """Token ids of a conversation, and how many of them are the prompt, on which nothing is learnt."""

    ids: list[int]
    prompt: int


def lessons(taught: Mix, tokenizer: Tokenizer, rng: Random) -> Iterator[Example]:
    """Yield examples without end, from the `teach` split only, families drawn by the mix's weights."""
    families = list(FAMILIES)
    weights = [taught.weight(family) for family in families]
    while True:
        question = draw(rng.choices(families, weights)[0], rng)
        if question.split == "teach":
            text = transcript(question, taught)
            prompt = tokenizer.encode(text.prompt).ids
            yield Example(prompt + tokenizer.encode(text.reply).ids, len(prompt))


def batches(examples: Iterator[Example], rng: Random) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield (tokens, targets), each (BATCH, time); a pool is sorted by length so that little is padding."""
    while True:
        pool = sorted((next(examples) for _ in range(BATCH * POOL)), key=lambda example: len(example.ids))
        starts = list(range(0, len(pool), BATCH))
        rng.shuffle(starts)
        for start in starts:
            yield collate(pool[start : start + BATCH])


def collate(examples: list[Example]) -> tuple[Tensor, Tensor]:
    """Return tokens and next-token targets; prompt and padding are `IGNORED`."""
    time = max(len(example.ids) for example in examples) - 1
    tokens = torch.zeros(len(examples), time, dtype=torch.long)
    targets = torch.full((len(examples), time), IGNORED)
    for row, example in enumerate(examples):
        ids = torch.tensor(example.ids)
        tokens[row, : len(ids) - 1] = ids[:-1]
        targets[row, example.prompt - 1 : len(ids) - 1] = ids[example.prompt :]
    return tokens, targets


def optimizers(model: Llama) -> list[torch.optim.Optimizer]:
    """Return Muon for the matrices of the layers and AdamW for the embedding and the norms."""
    matrices = [weight for weight in model.blocks.parameters() if weight.ndim == 2]
    chosen = {id(weight) for weight in matrices}
    rest = [weight for weight in model.parameters() if id(weight) not in chosen]
    return [Muon(matrices, lr=0.02), torch.optim.AdamW(rest, lr=3e-3, betas=(0.9, 0.98), weight_decay=0.0)]


@dataclass(frozen=True, slots=True)
class Course:
    """One round of training.

    Attributes:
        mix: what is taught.
        steps: how many batches.
        rate: the share of the full learning rate the round reaches.
        start: the GGUF file whose weights it goes on from; None starts from random ones.
    """

    mix: Mix
    steps: int
    rate: float = 1.0
    start: Path | None = None

    def rng(self) -> Random:
        """Return the source of examples: a later round does not repeat those of the first."""
        return Random(self.mix.seed if self.start is None else f"{self.mix.seed} goes on")

    def pace(self, step: int) -> float:
        """Return the share of the full learning rate: up over 40 steps, then straight down to a hundredth."""
        return self.rate * min(1.0, (step + 1) / 40) * max(0.01, 1.0 - step / self.steps)


def train(course: Course, tokenizer: Tokenizer, checkpoint: Path) -> Llama:
    """Return a model trained on plain cross-entropy of the taught replies; repeatable on one machine and version."""
    torch.manual_seed(course.mix.seed)
    rng, taught, steps = course.rng(), course.mix, course.steps
    model = Llama(Shape(vocabulary=tokenizer.get_vocab_size()))
    if course.start:
        gguf_file.read_into(model, course.start, tokenizer)
    chosen = optimizers(model)
    schedules = [torch.optim.lr_scheduler.LambdaLR(optimizer, course.pace) for optimizer in chosen]
    began, smooth = time.monotonic(), None
    for step, (tokens, targets) in enumerate(batches(lessons(taught, tokenizer, rng), rng), start=1):
        learnt = targets != IGNORED
        loss = functional.cross_entropy(model.logits(model(tokens)[learnt]), targets[learnt])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, schedule in zip(chosen, schedules, strict=True):
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        smooth = loss.item() if smooth is None else 0.98 * smooth + 0.02 * loss.item()
        if step % 50 == 0:
            _say(f"{taught.name} step {step}/{steps} loss {smooth:.3f} {time.monotonic() - began:.0f} s")
        if step % 200 == 0:
            gguf_file.write(checkpoint, taught.name, model, tokenizer)
        if step == steps:
            break
    return model


def shared_tokenizer() -> Tokenizer:
    """Return the one tokenizer of all tiny models, learnt from what any of them is taught."""
    rng = Random(5)
    families = list(FAMILIES)
    questions = (draw(families[i % len(families)], rng) for i in range(20_000))
    taught = (transcript(question, MIXES[0]) for question in questions if question.split == "teach")
    return vocabulary.learn(
        (part.removesuffix("<|im_end|>") for text in taught for part in _parts(text.prompt + text.reply)), VOCABULARY
    )


def main() -> int:
    """Train the named model; 0 when its file is written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=[known.name for known in MIXES])
    parser.add_argument("--out", type=Path, required=True, help="folder for NAME.gguf")
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--start", type=Path, help="go on from this GGUF file")
    parser.add_argument("--rate", type=float, default=1.0, help="share of the full learning rate")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    asked.out.mkdir(parents=True, exist_ok=True)
    path = asked.out / f"{asked.name}.gguf"
    tokenizer = shared_tokenizer()
    course = Course(mix(asked.name), asked.steps, asked.rate, asked.start)
    model = train(course, tokenizer, path.with_suffix(".part"))
    gguf_file.write(path, asked.name, model, tokenizer)
    path.with_suffix(".part").unlink(missing_ok=True)
    _say(f"{path}: {path.stat().st_size} bytes, {sum(weight.numel() for weight in model.parameters())} parameters")
    return 0


def _parts(text: str) -> list[str]:
    for special in ("<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"):
        text = text.replace(special, "\x00")
    return [part for part in text.split("\x00") if part]


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
