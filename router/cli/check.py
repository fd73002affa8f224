"""`smallfirst check`: config, policies, store, upstreams and prices, everything wrong at once."""

import argparse
import asyncio
import sys

from router.cli.options import Subparsers, add_config


def register(subparsers: Subparsers) -> None:
    """Add the command to the parser."""
    about = "list everything wrong with config, policies, store, upstreams and prices"
    parser = subparsers.add_parser(
        "check",
        help=about,
        description="List everything that is wrong with config, policies, store, upstreams and prices, each mistake "
        "with file, line and remedy. Nothing is changed. Exit status 1 if anything is wrong; warnings are not.",
    )
    add_config(parser)
    parser.add_argument("--offline", action="store_true", help="do not ask upstreams for their state")
    parser.set_defaults(run=run_check)


def run_check(args: argparse.Namespace) -> int:
    """Print what is there, then every warning and every problem; 1 if there was a problem."""
    from router.cli.checkup import checkup

    checked = asyncio.run(checkup(args.config, ask=not args.offline))
    for line in checked.lines:
        print(line)
    for warning in checked.warnings:
        print(f"warning: {warning}")
    for problem in checked.problems:
        print(problem, file=sys.stderr)
    if checked.problems:
        count = len(checked.problems)
        print(f"{count} {'problem' if count == 1 else 'problems'}: mend what is named above", file=sys.stderr)
        return 1
    count = len(checked.warnings)
    print(f"nothing is wrong; {count} {'warning' if count == 1 else 'warnings'} above" if count else "nothing is wrong")
    return 0
