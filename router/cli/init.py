"""`smallfirst init`: writes config.yaml and policies/, made of what is found here or of a litellm.yaml."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from router.cli.options import Subparsers, add_config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from router.config.discover import Discovery


def register(subparsers: Subparsers) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser("init", help="find local servers and provider keys; write config.yaml and policies/")
    add_config(parser)
    parser.add_argument("--force", action="store_true", help="overwrite existing files")
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="FILE",
        help="take over the models, prices and fallbacks of a litellm.yaml",
    )
    parser.set_defaults(run=run_init, places=None)


def run_init(args: argparse.Namespace) -> int:
    """Write a configuration made of what is found, or of another router's file; 1 if one is there already.

    `args.places` are the servers to ask, None for the known ports of this machine.
    """
    if args.config.exists() and (wrong := _in_the_way(args)):
        print(wrong, file=sys.stderr)
        return 1
    from router.config.discover import PLACES, discover
    from router.core.errors import SetupError

    discovery = asyncio.run(discover(PLACES if args.places is None else args.places))
    for model in discovery.found:
        print(f"found {model.model} ({model.place.server} at {model.place.url})")
    try:
        for line in _written(args, discovery):
            print(line)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        raise
    except OSError as error:
        print(f"{error.filename}: {error.strerror}; choose a folder you may write to", file=sys.stderr)
        return 1
    print("next: `smallfirst check`, then `smallfirst serve`")
    return 0


def _in_the_way(args: argparse.Namespace) -> str:
    """Why the file that is there stays; "" where it may go. The other router's own never is written over."""
    from router.config.foreign import REMEDY, is_litellms
    from router.config.starter import only_discovers

    if args.source is not None and args.source.exists() and args.source.samefile(args.config):
        return f"{args.config} would be read and written over; {REMEDY}"
    if args.force:
        return ""
    if is_litellms(args.config):
        return f"{args.config} is LiteLLM's; {REMEDY}"
    if only_discovers(args.config):
        return ""
    return f"{args.config} is there already; edit it, or write over it with --force"


def _written(args: argparse.Namespace, discovery: "Discovery") -> "Iterator[str]":
    """Write everything; a line for what was found or taken over, for each file, and for what is left to do."""
    from router.cli.installation import write_new, write_taken_over
    from router.config.foreign import is_litellms
    from router.config.providers import keys_seen

    if args.source is not None:
        yield from write_taken_over(args.config, args.source, discovery, force=args.force)
        return
    keys = keys_seen()
    if not discovery.found and not keys:
        yield "found no model server and no provider's key: `serve` looks for servers again at every start"
    for key in keys:
        yield f"found a key for {key.provider.name}: {key.provider.variable} = {key.masked}"
    yield from write_new(args.config, discovery, keys, force=args.force)
    for beside in filter(is_litellms, sorted(args.config.parent.glob("*.y*ml"))):
        yield f"{beside} was not read: `smallfirst init --force --from {beside}` takes over its models and prices"
