"""`smallfirst store upgrade`: bring the ledger to this version's schema."""

import argparse
import sys

from router.cli.options import Subparsers, add_config


def register(subparsers: Subparsers) -> None:
    """Add the command and its verb to the parser."""
    parser = subparsers.add_parser("store", help="upgrade the ledger")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="upgrade")
    upgrading = verbs.add_parser("upgrade", help="bring the ledger to this version's schema; `serve` does it too")
    add_config(upgrading)
    upgrading.set_defaults(run=run_upgrade)


def run_upgrade(args: argparse.Namespace) -> int:
    """Upgrade the configured store and say from where to where; 1 when it cannot be."""
    from router.config import load_config
    from router.core.errors import SetupError
    from router.store.engine import file_of
    from router.store.upgrade import head, upgrade

    try:
        url = load_config(args.config, asks=False).store.url
        if url == "memory":
            print("the store is in memory: nothing to upgrade")
            return 0
        before = upgrade(url)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    place, after = file_of(url) or "the store", head()
    if before == after:
        print(f"{place} is up to date ({after})")
    else:
        print(f"{place}: {before or 'new'} -> {after}")
    return 0
