"""Graded answers of three made-up models and a big one to sums: where they agree they are mostly right."""

import random
from typing import Any

from classifier.label import Label
from classifier.label_row import parse

MEMBERS = ("able", "fair", "weak")
_RIGHT = {"able": 0.8, "fair": 0.7, "weak": 0.6}


def graded_rows(n: int, *, seed: int = 3, split: str = "train") -> list[dict[str, Any]]:
    """Rows in the schema of docs/labelled-data.md, three for each of n sums; same seed, same rows."""
    draw, rows = random.Random(seed), []
    for number in range(n):
        first, second = draw.randrange(100, 999), draw.randrange(100, 999)
        ask = f"How many are {first} and {second} and {number * 7919 + seed}?"
        right = first + second + number * 7919 + seed
        large = float(draw.random() < 0.95)
        for name in MEMBERS:
            good = draw.random() < _RIGHT[name]
            answer = right if good else right + draw.choice((-30, -9, -1, 1, 10, 40))
            rows.append(
                {
                    "prompt_id": f"sum:{seed}:{number}",
                    "source": "sums",
                    "prompt": ask,
                    "small_model": name,
                    "large_model": "grand",
                    "small_quality": float(good),
                    "large_quality": large,
                    "small_response": f"The answer is {answer}.",
                    "prompt_tokens": 20,
                    "small_completion_tokens": 6,
                    "large_completion_tokens": 40,
                    "split": split,
                    "license": "our own",
                }
            )
    return rows


def graded_labels(n: int, *, seed: int = 3) -> list[Label]:
    """The same rows, read."""
    return [parse(row, f"here:{i}") for i, row in enumerate(graded_rows(n, seed=seed))]
