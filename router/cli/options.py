"""The options that many commands share."""

import argparse
from pathlib import Path
from typing import TypeAlias

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""What a command adds its parser to."""


def add_config(parser: argparse.ArgumentParser) -> None:
    """Give *parser* `--config`: a path in `args.config`, config.yaml of the working folder by default."""
    parser.add_argument(
        "--config",
        type=Path,
        default=Path("config.yaml"),
        metavar="FILE",
        help="the configuration file (default: config.yaml)",
    )
