"""What `bench.panel` measures: benchmarks, their panels in asking order, and published figures to stand beside."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A benchmark and its panel.

    `big` None: the one the file has. `also`: further small models that could be asked alone. `task_from`: whether a
    row's category is known before asking (never where it gives the answer away). `in_turn`, `at_once`, `alone`: the
    note's cross-fitted shares (losses) at 1, 2, 5 %. `repeats`: how many times the folds are drawn again.
    """

    name: str
    file: str
    members: tuple[str, ...]
    big: str | None = None
    also: tuple[str, ...] = ()
    task_from: str = "none"
    in_turn: tuple[str, str, str] | None = None
    at_once: tuple[str, str, str] | None = None
    alone: tuple[str, str, str] | None = None
    repeats: int = 3

    def published(self, way: str, place: int) -> str:
        """Returns the note's share (loss) of a way at the level of this place, "" where it has none."""
        rows = {
            "+ panel in sequence": self.in_turn,
            "+ panel at once": self.at_once,
            "+ answer evidence": self.alone,
        }
        row = rows.get(way)
        return row[place] if row else ""


_MMLU = ("Meta-Llama-3.1-8B-Instruct", "Phi-3-mini-4k-instruct", "Mistral-7B-Instruct-v0.2")

CASES = {
    "gsm8k": Case(
        "GSM8K, gpt-4o",
        "zeroeval_gsm.jsonl.gz",
        ("gemma-2-9b-it", "Meta-Llama-3.1-8B-Instruct", "Phi-3.5-mini-instruct"),
        in_turn=("91.3 (1.33)", "94.4 (1.66)", "98.9 (4.85)"),
        at_once=("90.9 (1.11)", "94.3 (1.50)", "98.8 (4.69)"),
        alone=("25.2 (1.27)", "44.5 (2.49)", "74.0 (5.22)"),
    ),
    "math": Case(
        "MATH level 5, gpt-4o",
        "zeroeval_math-l5.jsonl.gz",
        ("Qwen2.5-7B-Instruct", "Qwen2.5-3B-Instruct", "gemma-2-9b-it"),
        in_turn=("88.5 (2.64)", "92.3 (3.46)", "98.5 (4.57)"),
        at_once=("84.0 (1.32)", "89.1 (3.25)", "97.8 (5.08)"),
        alone=("57.2 (4.57)", "65.6 (5.49)", "84.9 (5.64)"),
    ),
    "bfcl": Case(
        "Tool calls (BFCL), Claude 3.5 Sonnet",
        "bfcl_v1.jsonl.gz",
        (
            "Salesforce_xLAM-1b-fc-r",
            "NousResearch_Hermes-2-Pro-Llama-3-8B",
            "meta-llama_Meta-Llama-3-8B-Instruct",
        ),
        in_turn=("85.9 (1.18)", "89.0 (1.75)", "97.1 (5.88)"),
        at_once=("85.6 (1.14)", "88.9 (1.81)", "97.0 (5.51)"),
        alone=("22 (1.1)", "38 (2.3)", "86 (5.2)"),
    ),
    "mmlu-gemini": Case(
        "MMLU-Pro, gemini-1.5-pro",
        "mmlu_pro.jsonl.gz",
        _MMLU,
        "gemini-1.5-pro-002",
        task_from="category",
        in_turn=("18.0 (0.97)", "25.7 (2.11)", "37.8 (4.83)"),
        at_once=("18.6 (1.00)", "25.4 (1.98)", "36.9 (4.84)"),
        alone=("11.8 (0.99)", "15.2 (1.77)", "24.5 (5.09)"),
        repeats=1,
    ),
    "mmlu-70b": Case(
        "MMLU-Pro, Llama-3.1-70B",
        "mmlu_pro.jsonl.gz",
        _MMLU,
        "Meta-Llama-3.1-70B-Instruct",
        task_from="category",
        in_turn=("16.3 (1.13)", "28.0 (2.06)", "45.0 (5.15)"),
        at_once=("16.3 (1.13)", "27.1 (1.98)", "43.5 (4.75)"),
        alone=("3.0 (0.86)", "5.6 (1.76)", "15.1 (4.19)"),
        repeats=1,
    ),
    "alpaca": Case(
        "AlpacaEval prose, gpt-4-1106",
        "alpaca_eval.jsonl.gz",
        ("FuseChat-Qwen-2.5-7B-Instruct", "FuseChat-Llama-3.2-3B-Instruct", "FuseChat-Llama-3.2-1B-Instruct"),
        also=("OpenHermes-2.5-Mistral-7B", "gemma-2b-it"),
        task_from="category",
    ),
    "alpaca-weak": Case(
        "AlpacaEval prose, gpt-4-1106; weak models only",
        "alpaca_eval.jsonl.gz",
        ("FuseChat-Llama-3.2-1B-Instruct",),
        also=("OpenHermes-2.5-Mistral-7B", "gemma-2b-it"),
        task_from="category",
    ),
}
