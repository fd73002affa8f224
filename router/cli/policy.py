"""`smallfirst policy list | check`: which policies there are, and whether they are right."""

import argparse
import asyncio
import sys

from router.cli.options import Subparsers, add_config


def register(subparsers: Subparsers) -> None:
    """Add the command and its two verbs to the parser."""
    parser = subparsers.add_parser("policy", help="list the policies; check them and run their tests")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="list | check")
    listing = verbs.add_parser("list", help="every policy, what it is for and where its file is")
    add_config(listing)
    listing.set_defaults(run=run_list)
    checking = verbs.add_parser("check", help="read every policy and run its tests")
    add_config(checking)
    checking.set_defaults(run=run_check)


def run_list(args: argparse.Namespace) -> int:
    """Print every policy with its first line of purpose and its file; the default is marked."""
    from router.config import load_config
    from router.config.usage import about_of, policy_files
    from router.core.errors import SetupError

    try:
        config = load_config(args.config, asks=False)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    for name, path in policy_files(config.policies.folder).items():
        marked = f"{name} (default)" if name == config.policies.default else name
        home = path.parent if path.parent == config.policies.folder else "the package"
        about = about_of(path)
        said = about if about is not None else "cannot be read; see `smallfirst policy check`"
        print(f"{marked:<24} {said}\n{'':<24} [{home}]")
    return 0


def run_check(args: argparse.Namespace) -> int:
    """Read all policies and run their tests; print every problem, 1 if there was one."""
    from router.cli.selftests import policy_tests
    from router.config import load_config
    from router.config.discover import settled
    from router.core.errors import SetupError
    from router.runtime.policybook import load_policies

    try:
        config, _ = asyncio.run(settled(load_config(args.config, asks=False)))
        policies = load_policies(config, config.upstreams)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    failed = [problem for policy in policies.values() for problem in policy_tests(config, policy)]
    for problem in failed:
        print(problem, file=sys.stderr)
    tests = sum(len(policy.tests) for policy in policies.values())
    print(f"{len(policies)} policies read, {tests - len(failed)} of {tests} tests passed")
    return 1 if failed else 0
