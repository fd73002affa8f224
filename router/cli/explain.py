"""`smallfirst explain ID | TEXT`: why did this go there, or where would this go."""

import argparse
import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from router.cli.options import add_config

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from router.runtime import Runtime

ROWLESS = "a count made here, /v1/models and /v1/route"
REPLY_IDS = ("chatcmpl-", "cmpl-", "msg_", "resp_")


def register(subparsers: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "explain",
        help="why did this request go there; where would this text go",
        description="For an id: why that request went where it went, from the ledger. For a text: where it would go "
        "now, as the running server decides, or the configuration alone if none runs. Nothing is sent to any upstream.",
    )
    add_config(parser)
    parser.add_argument("what", metavar="ID|TEXT", help="an x-request-id, exchange or reply id, or a prompt in quotes")
    parser.add_argument("--model", default="auto", help="for a text: what the client would write in `model`")
    parser.add_argument(
        "--server", metavar="URL", help="for a text: the running server to ask (default: where the config listens)"
    )
    parser.add_argument("--offline", action="store_true", help="for a text: ask no running server")
    parser.add_argument("--all", action="store_true", help="every feature's contribution, not only the largest")
    parser.add_argument("--format", choices=("table", "json"), default="table", help="how to print it (default: table)")
    parser.set_defaults(run=run_explain)


def run_explain(args: argparse.Namespace) -> int:
    """Print the explanation; 1 for an id that no row has, 2 for nothing. Sends nothing to any upstream."""
    from router.cli.explanation import lines, lines_of_count
    from router.cli.serve import prepare
    from router.reports.explained import explain_count, find_exchange
    from router.reports.page import calm

    runtime, _ = prepare(args, asks=False)
    try:
        row = find_exchange(runtime.store, args.what)
        counted = explain_count(runtime.store, args.what) if row is None else None
        if row is None and counted is None and _looks_like_an_id(args.what):
            print(f"smallfirst explain: {_missing(runtime, args.what)}", file=sys.stderr)
            return 1
        shown = counted or (_of_row(runtime, row) if row else _of_text(runtime, args))
    except ValueError as error:
        print(f"smallfirst explain: {error}", file=sys.stderr)
        return 2
    finally:
        runtime.store.close()
    if args.format == "json":
        print(json.dumps(shown, indent=2))
    else:
        page = lines_of_count(shown) if counted else lines(shown, everything=args.all)
        print("\n".join(calm(line) for line in page))
    return 0


def _looks_like_an_id(text: str) -> bool:
    """Whether it is one word that only a program writes: ours, or the id of a reply in any dialect."""
    return " " not in text and (text.startswith(REPLY_IDS) or (len(text) >= 20 and "-" in text))


def _missing(runtime: "Runtime", name: str) -> str:
    """Why there is no such row: no exchange has that id, or it has not ended."""
    calls = [row["upstream"] for row in runtime.store.find("attempts", exchange=name) if row["ended_at"] is None]
    if not calls:
        return f"no row has the id {name!r}; give x-request-id of a reply that a model gave ({ROWLESS} leave no row)"
    return f"{name} has not ended, {' and '.join(calls)} yet to answer; its row is there once it has"


def _asked(runtime: "Runtime") -> Any:
    from router.reports.explained import Asked

    deps = runtime.pipeline.deps
    prices = {name: upstream.spec.price for name, upstream in deps.upstreams.items()}
    return Asked(deps.classifier, deps.policies, deps.digests, prices)


def _of_row(runtime: "Runtime", row: Mapping[str, Any]) -> dict[str, Any]:
    from router.reports.explained import explain_exchange

    return explain_exchange(runtime.store, row, _asked(runtime))


def _of_text(runtime: "Runtime", args: argparse.Namespace) -> dict[str, Any]:
    import orjson
    from msgspec import structs

    from router.cli.running import address_of, ask
    from router.core.dialects.chat import parse
    from router.pipeline.options import RequestOptions
    from router.pipeline.preview import preview
    from router.reports.explained import flip_of, score_of

    body = {"model": args.model, "messages": [{"role": "user", "content": args.what}]}
    exchange = runtime.pipeline.open()
    shown = preview(runtime.pipeline.deps, exchange, parse(orjson.dumps(body)), RequestOptions())
    row = structs.asdict(exchange)
    server = None
    if not args.offline:
        server = ask(args.server or address_of(runtime.config), runtime.config.digest, body)
        if server.decision is not None:
            shown = dict(server.decision)
            row |= {name: shown[name] for name in row if name in shown and name != "policy_digest"}
            if not str(row["policy_digest"]).startswith(shown["policy_digest"] or ""):
                row["policy_digest"] = shown["policy_digest"]  # it still decides by what the file said before
    priced = {name: price["usd"] for name, price in shown["prices"].items()}
    asked = _asked(runtime)
    return {
        **shown,
        "server": server and {"url": server.url, "asked": server.decision is not None, "why": server.why},
        "p_good": score_of(row, asked),
        "flip": flip_of(row, asked),
        "prices": priced,
    }
