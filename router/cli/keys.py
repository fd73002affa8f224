"""`smallfirst keys add | list | revoke`: virtual keys, shown once and kept as digests."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from router.cli.options import add_config

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from router.core.ports import Store

SHOWN_PREFIX = 7


def register(subparsers: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser("keys", help="make, list and revoke the keys that clients use")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    add = actions.add_parser("add", help="make a key and show it, this once")
    add.add_argument("name", help="whose it is; unique")
    add.add_argument("--policy", help="always decide by this policy, whatever the client asks for")
    add.add_argument(
        "--local-only", action="store_true", help="never let its requests leave this machine or its premises"
    )
    add.set_defaults(run=run_add)
    listing = actions.add_parser("list", help="every key, without its secret")
    listing.set_defaults(run=run_list)
    revoke = actions.add_parser("revoke", help="refuse a key from now on")
    revoke.add_argument("name")
    revoke.set_defaults(run=run_revoke)
    for action in (add, listing, revoke):
        add_config(action)
        action.add_argument("--format", choices=("table", "json"), default="table")


def run_add(args: argparse.Namespace) -> int:
    """Make a key; 1 where the name is taken."""
    import os

    from router.core.ids import uuid7
    from router.core.keys import digest, mint
    from router.runtime.clock import steady_clock_us

    with _store(args) as store:
        if store.find("keys", name=args.name, revoked=False):
            print(f"smallfirst keys: {args.name!r} exists; revoke it first or take another name", file=sys.stderr)
            return 1
        token, now = mint(os.urandom(32)), steady_clock_us()()
        row = {
            "id": uuid7(now, os.urandom),
            "name": args.name,
            "digest": digest(token),
            "prefix": token[:SHOWN_PREFIX],
            "policy": args.policy,
            "local_only": args.local_only,
            "revoked": False,
        }
        store.put("keys", row)
        store.put("audit_log", {"who": "cli", "action": "keys add", "subject": args.name})
    if args.format == "json":
        print(json.dumps({"id": row["id"], "name": args.name, "key": token}))
    else:
        print(f"{token}\nthis is the key of {args.name!r}; it is shown this once and kept only as a digest")
    return 0


def run_list(args: argparse.Namespace) -> int:
    """List every key."""
    shown = ("id", "name", "prefix", "policy", "local_only", "revoked")
    with _store(args) as store:
        rows = [{name: row[name] for name in shown} for row in store.find("keys")]
    if args.format == "json":
        print(json.dumps(rows))
        return 0
    for row in rows:
        notes = [f"policy {row['policy']}" if row["policy"] else "", "local only" if row["local_only"] else ""]
        notes.append("REVOKED" if row["revoked"] else "")
        print(f"{row['name']:<24} {row['prefix']}…  {', '.join(filter(None, notes))}")
    if not rows:
        print("no keys yet: `smallfirst keys add NAME` makes one")
    return 0


def run_revoke(args: argparse.Namespace) -> int:
    """Revoke a key; a running server refuses it within a second. 1 where there is none of that name."""
    with _store(args) as store:
        rows = store.find("keys", name=args.name, revoked=False)
        for row in rows:
            store.put("keys", {**row, "revoked": True})
            store.put("audit_log", {"who": "cli", "action": "keys revoke", "subject": args.name})
    if not rows:
        print(f"smallfirst keys: no key is called {args.name!r}; `smallfirst keys list` shows them", file=sys.stderr)
        return 1
    print(f"revoked: {args.name}")
    return 0


@contextmanager
def _store(args: argparse.Namespace) -> "Iterator[Store]":
    from router.config import load_config
    from router.runtime.building import build_store
    from router.runtime.clock import steady_clock_us

    store = build_store(load_config(args.config), steady_clock_us())
    try:
        yield store
    finally:
        store.close()
