"""What a search for personal data costs: microseconds of processor time, by kind of text and length.

python -m bench.detector_cost
"""

import time
from random import Random

from router.core.privacy.detect import detect

SIZES = (1_000, 100_000)
ROUNDS = 5


def texts(rng: Random) -> dict[str, str]:
    """Ordinary and hostile texts of a hundred thousand characters, none of anybody's."""
    words = "the quick brown fox jumps over a lazy dog while the prompt explains how to answer".split()
    n = rng.randrange
    return {
        "prose": " ".join(rng.choice(words) for _ in range(25_000)),
        "German prose": "Größe über ölige Straßen – für Käse. " * 3_000,
        "Chinese prose": "这是一个没有数字的测试文本。" * 8_000,
        "code": "def total(rows): return sum(row.amount * 1.19 for row in rows)  # see issue 12\n" * 1_300,
        "log lines": "\n".join(
            f"2026-11-{n(10, 30)} 21:{n(10, 60)}:00 INFO [{n(10**8)}] 200 {n(9999)} ms" for _ in range(2_500)
        ),
        "base64": "".join(rng.choice("ABCDEFGHabcdefgh0123456789+/") for _ in range(100_000)),
        "numbers only": " ".join(str(n(10 ** n(1, 12))) for _ in range(20_000)),
        "single digits": " ".join(str(n(10)) for _ in range(50_000)),
        "wrong phone numbers": " ".join(f"+1 999 {n(999):03d} {n(9999):04d}" for _ in range(6_000)),
    }


def micros(text: str) -> float:
    """The best of a few rounds."""
    body = {"messages": [{"role": "user", "content": text}]}
    detect(body)
    best, times = float("inf"), max(1, 20_000 // len(text))
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(times):
            detect(body)
        best = min(best, (time.process_time() - start) / times)
    return best * 1e6


def main() -> None:
    """Print a row a text."""
    for name, text in texts(Random(1)).items():
        figures = [f"{micros(text[:size]):9,.0f} µs / {size:,} characters" for size in SIZES]
        print(f"{name:20} {'   '.join(figures)}")


if __name__ == "__main__":
    main()
