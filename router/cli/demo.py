"""`smallfirst demo`: generated questions played through the proxy, then the bill and a summary with intervals."""

import argparse
import asyncio
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from router.cli.options import Subparsers, add_config

if TYPE_CHECKING:
    from router.api.server import Server
    from router.cli.playing import Item, Played
    from router.reports.intervals import Estimate
    from router.reports.quality import Grades, Quality
    from router.runtime import Runtime

QUESTIONS = 400
SHIFTED_SHARE = 4
PORT = 4000
START_S = 120.0


def register(subparsers: Subparsers) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser("demo", help="play questions through the proxy and read the bill")
    parser.add_argument(
        "--questions", type=int, default=QUESTIONS, metavar="N", help=f"how many (default: {QUESTIONS})"
    )
    parser.add_argument("--once", action="store_true", help="end after the report and leave nothing behind")
    parser.add_argument(
        "--record", type=Path, metavar="DIR", help="play a recorded labelled set instead (docs/labelled-data.md)"
    )
    add_config(parser)
    parser.set_defaults(run=run_demo)


def run_demo(args: argparse.Namespace) -> int:
    """Play, report, and go on serving unless `--once`; 1 when questions went unanswered."""
    if args.questions < 1:
        print("smallfirst demo: --questions is at least 1", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="smallfirst-demo-") as folder:
        world = (
            _recorded(args.record, Path(folder), args.questions)
            if args.record
            else _builtin(Path(folder), args.questions)
        )
        return _in_world(*world, once=args.once)


def _in_world(runtime: "Runtime", items: "list[Item]", *, once: bool) -> int:
    from router.api.server import Server

    ready, where = threading.Event(), []

    def announced(url: str) -> None:
        where.append(url)
        ready.set()

    server = Server(runtime, "127.0.0.1", _free_port(), on_ready=announced)
    thread = threading.Thread(target=server.run, name="demo-server", daemon=True)
    thread.start()
    if not ready.wait(START_S):
        print(f"smallfirst demo: the proxy did not start within {START_S:.0f} s; see above", file=sys.stderr)
        return 1
    played = _play(server, where[0], items, runtime)
    runtime.store.flush(START_S)
    _report(runtime, played, once=once)
    if not once:
        _go_on(where[0], runtime)
    server.stop()
    thread.join()
    if played.errors:
        print(f"unanswered: {played.errors}", file=sys.stderr)
    return 1 if played.errors else 0


def _builtin(folder: Path, n: int) -> "tuple[Runtime, list[Item]]":
    from functools import partial

    from router.builtin.checks import check
    from router.builtin.questions import questions
    from router.cli.local import UNPLAYED, refuse_without_llama
    from router.cli.playing import Item
    from router.config import load_config
    from router.config.world import builtin_world
    from router.runtime import Runtime

    refuse_without_llama(UNPLAYED)
    world = builtin_world()
    path = folder / "config.yaml"
    path.write_text("upstreams: discover\n")
    config = load_config(path, environ={}).with_upstreams(
        world.upstreams, baseline=world.baseline, artifact=world.artifact
    )
    shifted = n // SHIFTED_SHARE
    asked = [*questions("play", n - shifted), *questions("play", shifted, shifted=True)]
    items = [Item(q.body, "shifted" if q.shifted else "taught", partial(check, q)) for q in asked]
    print(_introduction(n - shifted, shifted))
    return Runtime(config, refill=lambda fresh: config), items


def _introduction(taught: int, shifted: int) -> str:
    return (
        "The built-in world: `small`, `second` and `third` are real language models of 2 MB under llama.cpp that\n"
        "confer where answers can be compared, `big` an answer sheet priced like a big one. The classifier, the\n"
        "second stage and their cuts come from other questions than those played here.\n"
        f"Playing {taught} questions of the kinds it was taught and {shifted} shifted ones (new words, new phrasing)."
    )


def _play(server: "Server", url: str, items: "list[Item]", runtime: "Runtime") -> "Played":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from router.cli.playing import play

    columns = (TextColumn("playing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("playing", total=len(items))
        work = play(url, items, runtime, lambda: bar.advance(task))
        return asyncio.run_coroutine_threadsafe(work, server.loop).result()


def _report(runtime: "Runtime", played: "Played", *, once: bool) -> None:
    from router.cli.report import WIDTH, now_us, written
    from router.reports.quality import quality
    from router.reports.quality_page import page
    from router.reports.question import question
    from router.reports.render import as_table

    holdouts = {name: policy.holdout for name, policy in runtime.pipeline.deps.policies.items()}
    print(written("savings", runtime.store, question("1d", None, None, now_us()), "table", holdouts))
    graded = quality(runtime.store, question("1d", None, None, now_us()))
    if once:  # the ledger goes with the demo, so no id of it can be explained
        graded = replace(graded, example="")
    print(as_table(page(graded), WIDTH, colour=sys.stdout.isatty()))
    by_world = quality(runtime.store, question("1d", None, "tag.world", now_us()))
    print("\n".join(_honest(runtime, by_world, played)))


def _honest(runtime: "Runtime", report: "Quality", played: "Played") -> list[str]:
    """The sentence, with its intervals, for everything and for each kind of question."""
    deps = runtime.pipeline.deps
    cut = deps.cuts.get(runtime.config.policies.default) or deps.policies[runtime.config.policies.default].cut
    keep_cut = deps.keep_cuts.get(runtime.config.policies.default)
    where = "these cuts" if keep_cut is not None else "this cut"
    values = ", ".join(f"{value:.2f}" for value in (cut, keep_cut) if value is not None)
    known = f"At {where} ({values}, by hand, read off other questions than these):" if values else "Without a cut:"
    cost = played.cost_share()
    if report.withheld:
        return [known, f"  no headline: {report.withheld}", *_against_the_mix(report.total, played)]
    lines = [known, *_sentence(report.total, cost)]
    if len(report.groups) > 1:
        for grades in report.groups:
            lines += _sentence(grades, played.cost_share(grades.group))
    return [*lines, *_against_the_mix(report.total, played)]


def _against_the_mix(grades: "Grades", played: "Played") -> list[str]:
    """The control that says whether choosing was worth anything: a coin between `small` alone and `big` that spends
    what we spent."""
    from router.reports.page import percent

    small, big, cost = played.small_alone(), grades.big.value, played.cost_share()
    if small is None or big is None or cost.value is None:
        return ["  against the random mix: not enough evidence"]
    share = min(max(1 - cost.value, 0.0), 1.0)
    grade = share * small + (1 - share) * big
    return [
        "  against the random mix: for the same money a coin would answer",
        f"    {100 * share:.1f} % small at a mean grade of {100 * grade:.1f} %; ours is {percent(grades.served)}",
    ]


def _sentence(grades: "Grades", cost: "Estimate") -> list[str]:
    from router.reports.page import percent

    kept, worse = percent(grades.quality_kept), percent(grades.harm)
    return [
        f"  {grades.group}: {percent(grades.share_small)} answered small,",
        f"    {kept} of the big model's quality kept, {worse} worse answers,",
        f"    {percent(cost)} of its cost",
    ]


def _go_on(url: str, runtime: "Runtime") -> None:
    print(
        f"\nstill serving on {url}/v1 (metrics: {url}/metrics); Ctrl-C ends it and leaves nothing behind\n"
        f"until then: smallfirst explain --config {runtime.config.path} ID"
    )
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print("ending")


def _free_port() -> int:
    """Port 4000 if it is free, else 0: the system chooses one."""
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            return 0
    return PORT


def _recorded(record: Path, folder: Path, n: int) -> "tuple[Runtime, list[Item]]":
    from router.cli.recorded_world import recorded_world

    return recorded_world(record, folder, n)
