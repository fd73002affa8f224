"""`smallfirst pull REPO[:FILE]`: a GGUF model for `kind: llamacpp`."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from router.cli.options import Subparsers, add_config

if TYPE_CHECKING:
    from router.config.records import Hub


def register(subparsers: Subparsers) -> None:
    """Add the command to the parser."""
    about = "Download a GGUF model for kind llamacpp, with a progress bar. A broken download is taken up again."
    parser = subparsers.add_parser("pull", help="download a GGUF model", description=about)
    parser.add_argument("name", metavar="REPO[:FILE]", help="OWNER/NAME, and the file where it has several")
    parser.add_argument("--revision", metavar="REV", help="a branch, tag or commit (default: the main branch)")
    parser.add_argument(
        "--endpoint", metavar="URL", help="another hub or mirror (default: hub.endpoint, else the client's)"
    )
    parser.add_argument("--into", type=Path, metavar="DIR", help="the folder (default: hub.folder, else models)")
    add_config(parser)
    parser.set_defaults(run=run_pull)


def run_pull(args: argparse.Namespace) -> int:
    """Download, check, and print the row that uses it; 1 when something is in the way, 2 for a wrong name."""
    from router.cli.hub_file import HubProblem, chosen, downloaded, listed, sized, split_name
    from router.core.errors import SetupError

    try:
        repo, wanted = split_name(args.name)
    except HubProblem as error:
        print(f"smallfirst pull: {error}", file=sys.stderr)
        return 2
    try:
        hub = _hub(args.config)
        endpoint, into = args.endpoint or hub.endpoint, args.into or hub.folder
        files = chosen(listed(repo, args.revision, endpoint), wanted)
        print(f"{repo} at {files[0].commit[:12]}: {sized(sum(file.size for file in files))} into {into}")
        paths = [downloaded(file, into, endpoint) for file in files]
    except (HubProblem, SetupError) as error:
        print(f"smallfirst pull: {error}", file=sys.stderr)
        return 1
    print(_row(paths[0], args.config))
    return 0


def _hub(config: Path) -> "Hub":
    """The section `hub:`; without a config.yaml its defaults, so that a model can be pulled first."""
    from router.config import load_config
    from router.config.records import Hub

    if not config.exists():
        return Hub(folder=config.absolute().parent / Hub().folder)
    return load_config(config).hub


def _row(path: Path, config: Path) -> str:
    folder, shown = config.absolute().parent, path.absolute()
    shown = shown.relative_to(folder) if shown.is_relative_to(folder) else shown
    row = f'  small: {{kind: llamacpp, gguf: "{shown}", price: free}}'
    checked = f"checked: {path.name} has the size and the checksum that the hub says"
    return f"{checked}\nunder `upstreams:` in {config.name}:\n{row}"
