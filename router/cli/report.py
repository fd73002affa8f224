"""`smallfirst report`: what was spent, how good it was, how requests went, who saw what."""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from router.cli.options import Subparsers, add_config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from router.config.records import Config
    from router.reports.page import Page
    from router.reports.question import Ledger, Question

WIDTH = 100
MOMENT_US = 500_000  # what a server has written since is a row in a moment
KINDS = {
    "savings": "what was spent, and what the baseline would have cost",
    "quality": "how good the answers were, where they were graded",
    "requests": "outcomes, times, tokens, escalations and errors",
    "capacity": "how much of the traffic these machines carry at a stated p95, and what one more would add",
    "privacy": "who saw what, against what may leave",
}


def register(subparsers: Subparsers) -> None:
    """Add the command and its kinds of report to the parser."""
    parser = subparsers.add_parser("report", help="savings, quality, requests, capacity and privacy, from the ledger")
    kinds = parser.add_subparsers(dest="report", required=True, metavar=" | ".join(KINDS))
    for name, about in KINDS.items():
        kind = kinds.add_parser(name, help=about)
        add_config(kind)
        kind.add_argument("--since", default="7d", metavar="T", help="a span (24h, 7d) or a date (default: 7d)")
        kind.add_argument("--until", metavar="T", help="a date or a span back from now (default: now)")
        kind.add_argument("--by", metavar="GROUP", help="upstream, policy, rule, key, day or tag.NAME")
        formats = ("table", "json", "csv", "html", "parquet")
        kind.add_argument("--format", choices=formats, default="table", help="how to print it (default: table)")
        if name == "capacity":
            kind.add_argument("--p95", type=float, default=10.0, metavar="S", help="what 95 %% may take (default: 10)")
            kind.add_argument("--slots", action="append", metavar="NAME=N", help="slots of an upstream that says none")
        kind.set_defaults(run=run_report)


def run_report(args: argparse.Namespace) -> int:
    """Print the report: 0 done, 1 when there is no ledger to read or it holds a violation, 2 when asked wrongly."""
    if args.format == "parquet" and (wrong := _no_parquet()):
        print(f"smallfirst report: {wrong}", file=sys.stderr)
        return 2
    from router.config import load_config
    from router.config.discover import settled
    from router.config.usage import holdouts_of
    from router.core.errors import SetupError
    from router.reports.question import question
    from router.store.shelf import open_shelf

    try:
        asked = question(args.since, args.until, args.by, now_us())
    except ValueError as error:
        print(f"smallfirst report: {error}", file=sys.stderr)
        return 2
    try:
        config, _ = asyncio.run(settled(load_config(args.config, asks=False)))
        machines = _machines(args, config) if args.report == "capacity" else None
        shelf = open_shelf(config.store.url, clock_us=now_us)
    except ValueError as error:
        print(f"smallfirst report: {error}", file=sys.stderr)
        return 2
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        if args.report == "privacy":
            return _privacy(shelf, asked, args.format, config)
        report, page, plain, flat = _kind(args.report, shelf, asked, machines, holdouts_of(config.policies.folder))
        _tell(args.format, page(report), plain(report), flat(report), config)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        shelf.close()
    return 0


def written(
    name: str,
    ledger: "Ledger",
    asked: "Question",
    form: str,
    holdouts: Mapping[str, float] | None = None,
) -> str:
    """The report called `name` (not capacity) as text in `form`: table, html, json or csv. `holdouts`: by policy the
    share of conversations that it holds out, for savings."""
    report, page, plain, flat = _kind(name, ledger, asked, None, holdouts)
    return _text(form, page(report), plain(report), flat(report))


def in_force(config: "Config") -> "Iterator[str]":
    """What must be said below every report about what decides now: cuts by hand, promises without proof, a pause.

    Nothing if a policy is wrong: the ledger can be reported all the same.
    """
    from router.core.errors import SetupError
    from router.pipeline.pause import Pause, pause_file
    from router.reports.backing import by_hand, unproven
    from router.runtime.building import grounds_of
    from router.runtime.policybook import load_policies

    pause = Pause(pause_file(config.store.url, config.path.parent))
    pause.refresh()
    if pause.keys:
        yield f"Paused now for {pause.whose}: the baseline answers; `smallfirst resume` ends it."
    with suppress(SetupError):
        grounds = grounds_of(config, load_policies(config, config.upstreams))
        yield from (f"Now: {line}." for line in (*by_hand(grounds), *map(str, unproven(grounds))))


def _tell(
    form: str, page: "Page", plain: Mapping[str, Any], flat: Sequence[Mapping[str, Any]], config: "Config"
) -> None:
    """Print the report with what stands beside every one: what is not in it yet, and what decides now."""
    missing, notes = not_yet(config.store.url), tuple(in_force(config))
    if missing and form in ("csv", "parquet"):
        print(f"smallfirst report: {missing['note']}", file=sys.stderr)
    said = (missing["note"], *notes) if missing else notes
    _print(form, replace(page, notes=(*said, *page.notes)), {**plain, "waiting": missing, "in_force": notes}, flat)


def not_yet(url: str) -> "dict[str, Any] | None":
    """What a killed process, or a database that takes nothing, left in the journal, so that no figure counts it; None
    where everything is a row."""
    from router.core.prices import dollars
    from router.store.waiting import waiting

    found = waiting(url, now_us() - MOMENT_US)
    if not found.requests and not found.calls:
        return None
    usd = dollars(found.cost)
    rest = f", and the cost of {found.unknown} is not known" if found.unknown else ""
    note = (
        f"Not in this report: {found.requests} requests and {found.calls} calls that wait in the journal. These calls "
        f"cost at least ${usd}{rest}. They are counted once `smallfirst serve` runs and can write the ledger."
    )
    return {
        "requests": found.requests,
        "calls": found.calls,
        "cost_usd": str(usd),
        "unknown": found.unknown,
        "note": note,
    }


def _no_parquet() -> str:
    """Why no Parquet file can be written: bytes on a screen, or no extra; "" where one can."""
    if sys.stdout.isatty():
        return "parquet is bytes and no text; write it to a file: … --format parquet > report.parquet"
    if find_spec("pyarrow") is None:
        return 'parquet needs `pip install "smallfirst[parquet]"`; --format csv has the same rows'
    return ""


def _privacy(ledger: "Ledger", asked: "Question", form: str, config: "Config") -> int:
    """Print who saw what; 1 where anything went where it must not."""
    from router.reports import privacy, privacy_page

    report = privacy.privacy(ledger, asked, config.egress)
    _tell(form, privacy_page.page(report), privacy.plain(report), privacy.flat(report), config)
    return 1 if report.violations else 0


def _print(form: str, page: "Page", plain: Mapping[str, Any], flat: Sequence[Mapping[str, Any]]) -> None:
    if form == "parquet":
        from router.reports.parquet import as_parquet

        sys.stdout.buffer.write(as_parquet(flat))
    else:
        sys.stdout.write(_text(form, page, plain, flat))


def _text(form: str, page: "Page", plain: Mapping[str, Any], flat: Sequence[Mapping[str, Any]]) -> str:
    from router.reports.render import as_csv, as_html, as_json, as_table

    if form == "json":
        return as_json(plain)
    if form == "html":
        return as_html(page)
    return as_csv(flat) if form == "csv" else as_table(page, WIDTH, colour=sys.stdout.isatty())


def _machines(args: argparse.Namespace, config: "Config") -> "tuple[Mapping[str, int | None], float]":
    """Slots of every local upstream: as asked, as configured, else as its server says now. Raises ValueError."""
    from router.cli.slots import slots_of

    if not 0 < args.p95 < float("inf"):
        raise ValueError(f"--p95 must be above 0 seconds, not {args.p95:g}; write --p95 5")
    return slots_of(config, args.slots or ()), args.p95


def _kind(
    name: str,
    ledger: "Ledger",
    asked: "Question",
    machines: "tuple[Mapping[str, int | None], float] | None",
    holdouts: Mapping[str, float] | None = None,
) -> tuple[
    Any, Callable[[Any], "Page"], Callable[[Any], Mapping[str, Any]], Callable[[Any], Sequence[Mapping[str, Any]]]
]:
    from router.reports import capacity, capacity_page, quality, quality_page, requests, savings, savings_page

    if name == "savings":
        return savings.savings(ledger, asked, holdouts), savings_page.page, savings_page.plain, savings_page.flat
    if name == "quality":
        return quality.quality(ledger, asked), quality_page.page, quality_page.plain, quality_page.flat
    if name == "capacity" and machines is not None:
        report = capacity.capacity(ledger, asked, *machines)
        return report, capacity_page.page, capacity_page.plain, capacity_page.flat
    return requests.requests(ledger, asked), requests.page, requests.plain, requests.flat


def now_us() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1000
