"""A report as a table or a page for people, JSON for programs, or CSV for spreadsheets."""

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import escape
from typing import Any

import orjson
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from router.reports.page import Page, Sheet

HTML = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>
<body>
{body}
</body>
</html>
"""
STYLE = (
    "body{font:15px/1.5 sans-serif;margin:2em auto;max-width:60em}table{border-collapse:collapse}"
    "td,th{padding:.2em .8em .2em 0;text-align:left;vertical-align:top}.numbers td+td,.numbers th+th{text-align:right}"
)
# What a spreadsheet would run instead of show.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_table(page: Page, width: int = 100, *, colour: bool = False) -> str:
    """The page for a terminal of `width` columns. Names from outside cannot steer the terminal."""
    target = io.StringIO()
    console = Console(
        file=target, width=width, force_terminal=colour, highlight=False, no_color=not colour, soft_wrap=False
    )
    console.print(Text(page.title, style="bold"))
    console.print(Text(_calm(page.headline)))
    for sheet in page.sheets:
        console.print()
        console.print(Text(sheet.title, style="bold"))
        console.print(Padding(_grid(sheet), (0, 0, 0, 2)))
    if page.notes:
        console.print()
    for note in page.notes:
        console.print(Text(_calm(note)))
    return "\n".join(line.rstrip() for line in target.getvalue().splitlines()) + "\n"


def as_html(page: Page) -> str:
    """The page as one file for a browser: nothing is fetched, and names from outside are text."""
    title = escape(_calm(page.title))
    parts = [f"<h1>{title}</h1>", f"<p><strong>{escape(_calm(page.headline))}</strong></p>"]
    for sheet in page.sheets:
        head = "".join(f"<th>{escape(name)}</th>" for name in sheet.columns)
        rows = "".join(f"<tr>{''.join(f'<td>{escape(_calm(cell))}</td>' for cell in row)}</tr>\n" for row in sheet.rows)
        look = ' class="numbers"' if sheet.numbers else ""
        parts.append(f"<h2>{escape(_calm(sheet.title))}</h2>\n<table{look}>\n<tr>{head}</tr>\n{rows}</table>")
    parts += [f"<p>{escape(_calm(note))}</p>" for note in page.notes]
    return HTML.format(title=title, style=STYLE, body="\n".join(parts))


def as_json(content: Mapping[str, Any]) -> str:
    """`content` with exact money: a Decimal becomes a JSON number with all its digits."""
    return orjson.dumps(content, default=_exact, option=orjson.OPT_INDENT_2).decode() + "\n"


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """One line a row under a line of names; text that a spreadsheet would take for a formula is quoted."""
    target = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(target, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return target.getvalue()


def _grid(sheet: Sheet) -> Table:
    grid = Table(box=None, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for place, name in enumerate(sheet.columns):
        whole = name == "id"  # to be pasted into another command, so it is never broken
        grid.add_column(
            Text(name), justify="right" if sheet.numbers and place else "left", overflow="fold", no_wrap=whole
        )
    for row in sheet.rows:
        grid.add_row(*(Text(_calm(cell)) for cell in row))
    return grid


def _calm(text: str) -> str:
    """Without control characters: names of upstreams, rules and tags come from outside."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return f"{value:f}" if isinstance(value, Decimal) else value


def _exact(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}".encode())
    raise TypeError(type(value).__name__)
