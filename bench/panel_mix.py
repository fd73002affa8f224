"""`python -m bench.panel_mix --data DIR`: where answers of a business-like mix can be compared, and the rest.

No public set of business requests has graded answers of several models. Each part is therefore stood in for by what is
nearest: instructions that name the work (families of words of the classifier), tool calls, and the built-in world's
families. Their form is what counts here: whether `checkable` holds.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.panel import HEAD, measured, out_of_fold, table
from bench.panel_cases import CASES
from bench.panel_ways import Run
from bench.tiny.grade import GRADED
from classifier import labels, verifier_train
from classifier.evaluate import Options
from classifier.features import FEATURES, extract
from classifier.label import Label
from classifier.panel_train import Plan
from classifier.questions import gather
from classifier.values import checkable, kind_of

ALPACA, TOOLS, ROUTED = "alpaca_eval.jsonl.gz", "bfcl_v1.jsonl.gz", "llmrouter.jsonl.gz"
BUILTIN = "the built-in world"


@dataclass(frozen=True)
class Part:
    """A part of the mix and what stands in for it: a file's rows that name the work, or of these categories."""

    name: str
    stand_in: str
    file: str
    says: str = ""
    categories: tuple[str, ...] = ()

    def holds(self, row: Label) -> bool:
        """Returns whether a row belongs to the part."""
        if self.says:
            return bool(extract(row.body)[FEATURES.index(self.says)])
        return not self.categories or row.category in self.categories


PARTS = (
    Part("extraction", "AlpacaEval instructions that name it", ALPACA, says="says_extract"),
    Part("extraction", BUILTIN + ", JSON of a person or an order", BUILTIN, categories=("extract",)),
    Part("classification", "AlpacaEval instructions that name it", ALPACA, says="says_classify"),
    Part("classification", BUILTIN + ", sentiment and tickets", BUILTIN, categories=("sentiment", "ticket")),
    Part("retrieval-grounded", "AlpacaEval instructions that bring or name a text", ALPACA, says="says_passage"),
    Part("retrieval-grounded", "short facts (TriviaQA)", ROUTED, categories=("trivia_qa",)),
    Part("summaries and rewriting", "AlpacaEval instructions that name it", ALPACA, says="says_summarise"),
    Part("tool loops", "BFCL, one call or none with schemas", TOOLS),
    Part("tool loops", BUILTIN + ", one call", BUILTIN, categories=("tools",)),
    Part("everything else people ask", "AlpacaEval, all of it", ALPACA),
)


def forms(data: Path) -> Iterator[str]:
    """Yields the table of what share of each part can be compared, and how."""
    yield "| part of the mix | stood in for by | n | can be compared % | as |"
    yield "|---|---|---|---|---|"
    for part in PARTS:
        rows = list(_once(part, data))
        kinds = Counter(kind_of(row.body) or "prose" for row in rows)
        share = sum(checkable(row.body) for row in rows) / max(len(rows), 1)
        counts = ", ".join(f"{kind} {n}" for kind, n in kinds.most_common())
        yield f"| {part.name} | {part.stand_in} | {len(rows)} | {100 * share:.0f} | {counts} |"


def _once(part: Part, data: Path) -> Iterator[Label]:
    seen = set()
    for row in labels.read([GRADED / "test.jsonl.gz" if part.file == BUILTIN else data / part.file]):
        if row.prompt_id not in seen and part.holds(row):
            seen.add(row.prompt_id)
            yield row


def rest(data: Path) -> Iterator[str]:
    """Yields what is kept of the requests whose answers cannot be compared, out of fold."""
    yield from HEAD
    for name in ("alpaca", "alpaca-weak"):
        case = CASES[name]
        rows = labels.read([data / case.file])
        questions = [q for q in gather(rows, (*case.members, *case.also), case.big) if not checkable(q.label.body)]
        plan = Plan(recipe=verifier_train.Recipe(), task_from=case.task_from, deviations=0.0)
        run = Run(plan, Options(), len(case.members))
        order, *made = out_of_fold(questions, run, 1, lambda line: print(line, file=sys.stderr, flush=True))
        yield from table(case, measured(order, (made[0], made[1]), run), published=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints both tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.panel_mix", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled files")
    args = parser.parse_args(arguments)
    print(*forms(args.data), sep="\n", flush=True)
    print("\nWhere they cannot be compared:\n")
    print(*rest(args.data), sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
