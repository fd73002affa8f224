"""Write the figures of the shipped price book again, from the list that the installed litellm carries.

`make prices DATE=2026-11-12`, the date being that of litellm's release. litellm's list is public and kept by many, and
names the page that each figure is from; nothing is fetched here. What the book knows stays what it knows: for another
model add a line `NAME: {}` and run this.
"""

import json
import re
import sys
from datetime import date
from decimal import Decimal
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

BOOK = Path(__file__).parents[1] / "router" / "config" / "prices.yaml"
LIST = "model_prices_and_context_window_backup.json"
MILLION = Decimal(10) ** 6
STEP = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")
FIELDS = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cached_input": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
}
HEAD = """\
# What providers ask for a million tokens, in US dollars: their list prices, without discounts, batches, priority tiers
# or anything agreed. Used where a row of config.yaml gives no `price:`; see docs/prices.md. Every figure is taken from
# the list that litellm {release} carries, which names the page that it was read on; the date is that release's.
# Written by `make prices`.
book: smallfirst
date: {day}

prices:
"""


def main(day: str, path: str = str(BOOK)) -> None:
    """Write the book to `path`. `day`: when litellm's release was made, as YYYY-MM-DD."""
    known, listed = yaml.safe_load(BOOK.read_text(encoding="utf-8"))["prices"], _listed()
    lines = [HEAD.format(release=version("litellm"), day=date.fromisoformat(day))]
    lines += [_section(name, section, listed) for name, section in known.items()]
    Path(path).write_text("\n".join(lines), encoding="utf-8")


def _listed() -> dict[str, Any]:
    found = find_spec("litellm")
    if found is None or found.origin is None:
        sys.exit("litellm is not installed: make .venv/.litellm")
    listed: dict[str, Any] = json.loads((Path(found.origin).parent / LIST).read_text(encoding="utf-8"))
    return listed


def _section(name: str, section: dict[str, Any], listed: dict[str, Any]) -> str:
    prefix = section["litellm"]
    found = {model: listed.get(f"{prefix}/{model}") or listed.get(model) for model in section["models"]}
    rows = {model: row for model, row in found.items() if row}
    if gone := sorted(found.keys() - rows.keys()):
        sys.stderr.write(f"litellm lists no more, and so the book does not: {', '.join(gone)}\n")
    sources = [row["source"] for row in rows.values() if row.get("source")]
    source = max(sources, key=sources.count, default="")
    lines = [f"  {name}:"]
    lines += [f"    hosts: [{', '.join(section['hosts'])}]"] if "hosts" in section else []
    lines += [f"    litellm: {prefix}"]
    lines += [f"    source: {source}"] if source else []
    lines += ["    models:", *(f"      {_quoted(model)}: {{{_figures(row, source)}}}" for model, row in rows.items())]
    return "\n".join(lines) + "\n"


def _figures(row: dict[str, Any], source: str) -> str:
    usual = _buckets(row)
    told = [f"{bucket}: {_plain(figure)}" for bucket, figure in usual.items()]
    if steps := sorted(int(found[1]) for key in row if (found := STEP.fullmatch(key))):
        suffix = f"_above_{steps[0]}k_tokens"
        dearer = {bucket: row.get(FIELDS[bucket] + suffix, figure) for bucket, figure in usual.items()}
        figures = "".join(f", {bucket}: {_plain(figure)}" for bucket, figure in dearer.items())
        told.append(f"above: {{tokens: {steps[0] * 1000}{figures}}}")
    if row.get("source") not in (None, source):
        told.append(f"source: {row['source']}")
    return ", ".join(told)


def _buckets(row: dict[str, Any]) -> dict[str, float]:
    """The figures that the list has. A cache that costs nothing has none; what gives no tokens out costs 0 there."""
    found = {bucket: row.get(field) or 0.0 for bucket, field in FIELDS.items()}
    return {bucket: figure for bucket, figure in found.items() if figure or bucket in ("input", "output")}


def _plain(value: float) -> str:
    """USD a million tokens, exactly, with two decimals at least."""
    figure = (Decimal(str(value)) * MILLION).normalize()
    return f"{figure:.2f}" if figure == round(figure, 2) else f"{figure:f}"


def _quoted(model: str) -> str:
    return f'"{model}"' if ":" in model else model


if __name__ == "__main__":
    main(*sys.argv[1:3])
