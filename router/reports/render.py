"""A report as a table or a page for people, JSON for programs, or CSV for spreadsheets."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import escape
from typing import Any, Literal

import orjson
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from router.reports.page import Page, Sheet, calm

HTML = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>{style}</style></head>
<body>
{body}
</body>
</html>
"""
STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;padding:0 1em;max-width:62em}"
    "h1{font-size:1.4em}h2{font-size:1.1em;margin:1.6em 0 .3em}p{max-width:48em}table{border-collapse:collapse}"
    "td,th{padding:.25em 1.2em .25em 0;text-align:left;vertical-align:top;border-bottom:1px solid #8884}"
    "th{font-weight:normal;opacity:.7}td{font-variant-numeric:tabular-nums}"
    ".n{text-align:right}section{overflow-x:auto}"
)
# A number, with what may stand before it; no date and no address.
FIGURE = re.compile(r"[−±≥]? ?\$?\d[\d,]*(\.\d+)?(?![\w.:-])")
# What a spreadsheet would run instead of show.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_table(page: Page, width: int = 100, *, colour: bool = False) -> str:
    """The page for a terminal of `width` columns. Names from outside cannot steer the terminal."""
    target = io.StringIO()
    console = Console(
        file=target, width=width, force_terminal=colour, highlight=False, no_color=not colour, soft_wrap=False
    )
    console.print(Text(page.title, style="bold"))
    console.print(Text(calm(page.headline)))
    for sheet in page.sheets:
        console.print()
        console.print(Text(sheet.title, style="bold"))
        console.print(Padding(_grid(sheet), (0, 0, 0, 2)))
    if page.notes:
        console.print()
    for note in page.notes:
        console.print(Text(calm(note)))
    return "\n".join(line.rstrip() for line in target.getvalue().splitlines()) + "\n"


def as_html(page: Page) -> str:
    """The page as one HTML file that fetches nothing; names from outside are escaped."""
    name = escape(calm(page.title))
    parts = [f"<h1>{name}</h1>", f"<p><strong>{_words(page.headline)}</strong></p>"]
    parts += [f"<section><h2>{escape(calm(sheet.title))}</h2>\n{_rows(sheet)}</section>" for sheet in page.sheets]
    parts += [f"<p>{_words(note)}</p>" for note in page.notes]
    return HTML.format(title=name, style=STYLE, body="\n".join(parts))


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
    grid = Table(
        box=None, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_header=_headed(sheet)
    )
    for place, name in enumerate(sheet.columns):
        whole = name == "id"  # to be pasted into another command, so it is never broken
        justify: Literal["left", "right"] = "right" if _is_figures(sheet, place) else "left"
        grid.add_column(Text(name), justify=justify, overflow="fold", no_wrap=whole)
    for row in sheet.rows:
        grid.add_row(*(Text(calm(cell)) for cell in row))
    return grid


def _words(text: str) -> str:
    """A sentence for a browser, commands set off as they are in a terminal."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(calm(text)))


def _rows(sheet: Sheet) -> str:
    looks = [' class="n"' if _is_figures(sheet, place) else "" for place in range(len(sheet.columns))]
    head = "".join(f"<th{look}>{escape(name)}</th>" for name, look in zip(sheet.columns, looks, strict=True))
    lines = [f"<tr>{head}</tr>"] if _headed(sheet) else []
    for row in sheet.rows:
        cells = (f"<td{look}>{escape(calm(cell))}</td>" for cell, look in zip(row, looks, strict=True))
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return "<table>\n" + "\n".join(lines) + "\n</table>"


def _is_figures(sheet: Sheet, place: int) -> bool:
    """Whether the column is to be right-aligned: not the first, and no column of words, such as upstreams' names."""
    cells = [row[place] for row in sheet.rows]
    return sheet.numbers and place > 0 and any(FIGURE.match(cell) for cell in cells)


def _headed(sheet: Sheet) -> bool:
    """Whether any column has a name: a line of none would be a gap."""
    return any(sheet.columns)


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{calm(value)}" if value.startswith(FORMULA) else calm(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else value


def _exact(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}".encode())
    raise TypeError(type(value).__name__)
