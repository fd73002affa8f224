"""`smallfirst keys add | import | list | show | rotate | revoke`: virtual keys, shown once and kept as digests."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from router.cli.options import Subparsers, add_config

if TYPE_CHECKING:
    from router.core.ports import Store

SHOWN_PREFIX = 7
MIN_CHARS, SHORT = 16, 32
SHOWN = ("id", "name", "prefix", "policy", "local_only", "scopes", "revoked")


def register(subparsers: Subparsers) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser("keys", help="make, list and revoke the keys that clients use")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    add = actions.add_parser("add", help="make a key and show it, this once")
    add.set_defaults(run=run_add)
    known = actions.add_parser("import", help="take over a key that clients have already")
    known.set_defaults(run=run_import)
    for action in (add, known):
        action.add_argument("name", help="whose it is; unique")
        action.add_argument("--policy", help="always decide by this policy, whatever the client asks for")
        action.add_argument(
            "--local-only", action="store_true", help="never let its requests leave this machine or its premises"
        )
        action.add_argument(
            "--scope",
            action="append",
            metavar="SCOPE",
            help="allow more: passthrough:PREFIX passes /v1/PREFIX on to the baseline; may be given again",
        )
    known.add_argument("key", nargs="?", help="the key itself; left out, it is read from standard input")
    listing = actions.add_parser("list", help="every key, without its secret")
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", help="one key, without its secret")
    show.set_defaults(run=run_show)
    rotate = actions.add_parser("rotate", help="make a new key in the place of one, which is refused from now on")
    rotate.set_defaults(run=run_rotate)
    revoke = actions.add_parser("revoke", help="refuse a key from now on")
    revoke.set_defaults(run=run_revoke)
    for action in (show, rotate, revoke):
        action.add_argument("name", help="whose it is")
    for action in (add, known, listing, show, rotate, revoke):
        add_config(action)
        action.add_argument(
            "--format", choices=("table", "json"), default="table", help="how to print it (default: table)"
        )


def run_add(args: argparse.Namespace) -> int:
    """Make a key; 1 if the name is taken, 2 for an invalid name, scope or policy."""
    import os

    from router.core.keys import mint

    if (wrong := _wrong_name(args.name) or _wrong_scope(args.scope) or _wrong_policy(args)) is not None:
        return _say(wrong, 2)
    with _store(args) as store:
        if store.find("keys", name=args.name, revoked=False):
            return _say(f"{args.name!r} exists; revoke it first or take another name")
        token = mint(os.urandom(32))
        _write(store, args, token, "keys add")
        return _show_once(args, store, token)


def run_import(args: argparse.Namespace) -> int:
    """Take over a key as it is; 1 where the name is taken or the key is known, 2 where it cannot be one."""
    from router.core.keys import digest

    token = args.key if args.key is not None else sys.stdin.readline().strip()
    wrong = _wrong_name(args.name) or _wrong_scope(args.scope) or _wrong_key(token) or _wrong_policy(args)
    if wrong is not None:
        return _say(wrong, 2)
    with _store(args) as store:
        if store.find("keys", name=args.name, revoked=False):
            return _say(f"{args.name!r} exists; revoke it first or take another name")
        if store.find("keys", digest=digest(token)):
            return _say("this key is known already, or was revoked; `smallfirst keys list` shows whose it is")
        _write(store, args, token, "keys import")
        (row,) = store.find("keys", name=args.name, revoked=False)
    if len(token) < SHORT:
        print(f"smallfirst keys: it has {len(token)} characters and could be guessed; rotate it soon", file=sys.stderr)
    print(json.dumps({"id": row["id"], "name": args.name}) if args.format == "json" else f"imported: {args.name}")
    return 0


def run_list(args: argparse.Namespace) -> int:
    """List every key."""
    with _store(args) as store:
        rows = [{name: row[name] for name in SHOWN} for row in store.find("keys")]
    if args.format == "json":
        print(json.dumps(rows))
        return 0
    if rows:
        print(f"{'name':<24} {'begins':<8}  notes")
    for row in rows:
        print(f"{row['name']:<24} {row['prefix']}…  {_notes(row)}")
    if not rows:
        print("no keys yet: `smallfirst keys add NAME` makes one")
    return 0


def run_show(args: argparse.Namespace) -> int:
    """Show one key; 1 if there is none of that name."""
    with _store(args) as store:
        rows = store.find("keys", name=args.name)
    if not rows:
        return _unknown(args.name)
    shown = {name: rows[0][name] for name in (*SHOWN, "created_at", "revoked_at")}
    if args.format == "json":
        print(json.dumps(shown))
        return 0
    for name, value in shown.items():
        print(f"{name:<12} {_plain(name, value)}")
    return 0


def run_rotate(args: argparse.Namespace) -> int:
    """Replace a key by one with the same name, policy and scopes; 1 if there is none of that name."""
    import os

    from router.core.keys import mint

    with _store(args) as store:
        rows = store.find("keys", name=args.name, revoked=False)
        if not rows:
            return _unknown(args.name)
        for row in rows:
            store.put("keys", {**row, "revoked": True})
        args.policy, args.local_only, args.scope = rows[0]["policy"], rows[0]["local_only"], rows[0]["scopes"]
        token = mint(os.urandom(32))
        _write(store, args, token, "keys rotate")
        return _show_once(args, store, token)


def run_revoke(args: argparse.Namespace) -> int:
    """Revoke a key; a running server refuses it within a second. 1 if there is none of that name."""
    with _store(args) as store:
        rows = store.find("keys", name=args.name, revoked=False)
        for row in rows:
            store.put("keys", {**row, "revoked": True})
            store.put("audit_log", {"who": "cli", "action": "keys revoke", "subject": args.name})
    if not rows:
        return _unknown(args.name)
    print(f"revoked: {args.name}")
    return 0


def _write(store: "Store", args: argparse.Namespace, token: str, action: str) -> None:
    import os

    from router.core.ids import uuid7
    from router.core.keys import digest
    from router.runtime.clock import steady_clock_us

    row = {
        "id": uuid7(steady_clock_us()(), os.urandom),
        "name": args.name,
        "digest": digest(token),
        "prefix": token[:SHOWN_PREFIX],
        "policy": args.policy,
        "local_only": args.local_only,
        "scopes": list(args.scope or ()),
        "revoked": False,
    }
    store.put("keys", row)
    store.put("audit_log", {"who": "cli", "action": action, "subject": args.name})


def _show_once(args: argparse.Namespace, store: "Store", token: str) -> int:
    (row,) = store.find("keys", name=args.name, revoked=False)
    if args.format == "json":
        print(json.dumps({"id": row["id"], "name": args.name, "key": token}))
    else:
        print(token)
        told = "it is shown this once and kept only as a digest; a running server knows it within a second"
        print(f"this is the key of {args.name!r}; {told}", file=sys.stderr)
    return 0


def _wrong_name(name: str) -> str | None:
    return (
        None
        if name.strip() and name.isprintable()
        else f"{name!r} is not a valid name; say whose key it is, in letters"
    )


def _wrong_policy(args: argparse.Namespace) -> str | None:
    """A key bound to a policy that does not exist would be refused with every request."""
    if args.policy is None:
        return None
    from router.config import load_place
    from router.config.usage import policy_files

    known = policy_files(load_place(args.config).policies.folder)
    return None if args.policy in known else f"no policy is called {args.policy!r}; there are {', '.join(known)}"


def _wrong_scope(scopes: list[str] | None) -> str | None:
    from router.core.keys import prefix_of

    for scope in scopes or ():
        if prefix_of(scope) is None:
            return f"{scope!r} is not a scope; write passthrough:PREFIX, for example passthrough:files"
    return None


def _wrong_key(token: str) -> str | None:
    if not token.isascii() or not token.isprintable() or " " in token:
        return "the key holds what no header can carry; look for spaces and line ends"
    return None if len(token) >= MIN_CHARS else f"a key has at least {MIN_CHARS} characters, or it can be guessed"


def _plain(name: str, value: Any) -> str:
    """A column as a person reads it: times as times (UTC), yes and no, a dash for nothing."""
    if name.endswith("_at") and value:
        return datetime.fromtimestamp(value / 1e6, UTC).isoformat(" ", "seconds")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) or "-" if isinstance(value, list) else str(value or "-")


def _notes(row: dict[str, Any]) -> str:
    notes = [f"policy {row['policy']}" if row["policy"] else "", "local only" if row["local_only"] else ""]
    return ", ".join(filter(None, [*notes, *row["scopes"], "REVOKED" if row["revoked"] else ""]))


def _unknown(name: str) -> int:
    return _say(f"no key is called {name!r}; `smallfirst keys list` shows them")


def _say(what: str, status: int = 1) -> int:
    print(f"smallfirst keys: {what}", file=sys.stderr)
    return status


@contextmanager
def _store(args: argparse.Namespace) -> "Iterator[Store]":
    from router.config import load_place
    from router.runtime.building import open_store
    from router.runtime.clock import steady_clock_us

    store = open_store(load_place(args.config).store, steady_clock_us())
    try:
        yield store
    finally:
        store.close()
