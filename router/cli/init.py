"""`smallfirst init`: looks for local servers and provider keys, writes config.yaml and policies/."""

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING

from router.cli.options import add_config

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def register(subparsers: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser("init", help="find local servers and provider keys; write config.yaml and policies/")
    add_config(parser)
    parser.add_argument("--force", action="store_true", help="write over files that are there")
    parser.add_argument("--from", dest="source", metavar="FILE", help="read another router's file (a later release)")
    parser.set_defaults(run=run_init, places=None)


def run_init(args: argparse.Namespace) -> int:
    """Write a configuration made of what is found; 1 if one is there already, 2 for `--from`.

    `args.places` are the servers to ask, None for the known ports of this machine.
    """
    if args.source is not None:
        print("init --from comes with a later release; run `smallfirst init` and edit what it writes", file=sys.stderr)
        return 2
    if args.config.exists() and not args.force:
        print(f"{args.config} is there already; edit it, or write over it with --force", file=sys.stderr)
        return 1
    from router.cli.founding import found
    from router.config.discover import PLACES, discover
    from router.config.providers import keys_seen

    discovery = asyncio.run(discover(PLACES if args.places is None else args.places))
    keys = keys_seen()
    for model in discovery.found:
        print(f"found {model.model} ({model.place.server} at {model.place.url})")
    for key in keys:
        print(f"found a key for {key.provider.name}: {key.provider.variable} = {key.masked}")
    try:
        for line in found(args.config, discovery, keys, force=args.force):
            print(line)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}; choose a folder you may write to", file=sys.stderr)
        return 1
    print("next: `smallfirst check`, then `smallfirst serve`")
    return 0
