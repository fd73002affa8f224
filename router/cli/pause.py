"""`smallfirst pause | resume`: everything to the baseline at once, and back."""

import argparse
import sys
from typing import TYPE_CHECKING

from router.cli.options import Subparsers, add_config

if TYPE_CHECKING:
    from router.pipeline.pause import Pause


def register(subparsers: Subparsers) -> None:
    """Add both commands to the parser."""
    for name, about, run in (
        ("pause", "send everything to the baseline, within a second", run_pause),
        ("resume", "let the policies decide again", run_resume),
    ):
        parser = subparsers.add_parser(name, help=about)
        add_config(parser)
        parser.add_argument("--key", metavar="NAME", help="only the traffic of this key (default: everyone)")
        parser.set_defaults(run=run)


def run_pause(args: argparse.Namespace) -> int:
    """Write the pause; a running server reads it within a second. Needs neither store nor classifier, and of the
    configuration only where the store lies.

    1 for a key that does not exist, so that a typing mistake does not go unnoticed. The key is looked up after the
    pause is written, since a ledger may be slow; if it cannot be read, the pause holds all the same.
    """
    from router.pipeline.pause import EVERYONE

    pause = _pause(args)
    pause.set(args.key or EVERYONE)
    if args.key and not _is_known(args):
        pause.clear(args.key)
        return 1
    print(
        f"paused: within a second {_who(args)} goes to the baseline, `local_only` stays local; "
        "`smallfirst resume` ends it"
    )
    return 0


def run_resume(args: argparse.Namespace) -> int:
    """Take the pause away; 1 where another pause is still in force."""
    from router.pipeline.pause import EVERYONE

    pause = _pause(args)
    pause.clear(args.key or EVERYONE)
    if pause.covers(args.key or EVERYONE):
        print(f"still paused for {', '.join(sorted(pause.keys))}: run `smallfirst resume` without --key")
        return 1
    print(f"resumed: the policies decide for {_who(args)}")
    return 0


def _is_known(args: argparse.Namespace) -> bool:
    from router.config import load_place
    from router.config.section import nearest
    from router.core.errors import SetupError, StoreUnavailable
    from router.core.keys import ANYONE
    from router.store.shelf import open_shelf

    try:
        shelf = open_shelf(load_place(args.config).store.url, clock_us=lambda: 0)
        known = bool(shelf.find("keys", name=args.key, revoked=False)) or args.key == ANYONE.name
        names = {row["name"] for row in shelf.find("keys", revoked=False)}
        shelf.close()
    except (SetupError, StoreUnavailable) as error:
        print(f"smallfirst pause: {args.key!r} was not looked up: {error}", file=sys.stderr)
        return True
    if not known:
        remedy = nearest(args.key, names, "`smallfirst keys list` shows them")
        print(f"smallfirst pause: no key is called {args.key!r}; {remedy}", file=sys.stderr)
    return known


def _who(args: argparse.Namespace) -> str:
    return f"key {args.key!r}" if args.key else "everything"


def _pause(args: argparse.Namespace) -> "Pause":
    from router.config import load_place
    from router.pipeline.pause import Pause, pause_file

    place = load_place(args.config)
    return Pause(pause_file(place.store.url, place.folder))
