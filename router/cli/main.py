"""`smallfirst`: one command, one noun a file. Nothing heavy is imported before a command runs."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from router import __version__
from router.core.errors import RouterError

COMMANDS = (
    "serve",
    "demo",
    "init",
    "check",
    "explain",
    "keys",
    "policy",
    "learn",
    "report",
    "pull",
    "pause",
    "store",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 found something wrong, 2 used wrongly."""
    parser = build_parser()
    words = sys.argv[1:] if argv is None else argv
    if not words:
        parser.print_help(sys.stderr)
        parser.exit(2)
    args = parser.parse_args(words)
    try:
        status = args.run(args)
    except RouterError as error:
        print(f"smallfirst: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        return 130
    return int(status)


def build_parser() -> argparse.ArgumentParser:
    """The parser of every command; each file in this folder registers its own."""
    parser = argparse.ArgumentParser(
        prog="smallfirst",
        description="The proxy that makes small local models carry the work, and pays for a big one only when it must.",
        epilog="Begin with `smallfirst init`, `smallfirst check` and `smallfirst serve`. "
        "`smallfirst COMMAND --help` tells more.",
    )
    parser.add_argument("--version", action="version", version=f"smallfirst {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name in COMMANDS:
        import_module(f"router.cli.{name}").register(subparsers)
    _describe(parser)
    return parser


def _describe(parser: argparse.ArgumentParser) -> None:
    """Let `--help` of every command begin with what the command does: its own words, else those of the list above."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for listed in action._choices_actions:
                child = action.choices[listed.dest]
                child.description = child.description or f"{str(listed.help)[0].upper()}{str(listed.help)[1:]}."
                _describe(child)


if __name__ == "__main__":
    sys.exit(main())
