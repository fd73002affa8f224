"""`smallfirst serve`: the proxy itself, and the banner that it prints first."""

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING

from router.cli.options import Subparsers, add_config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from router.config.discover import Discovery
    from router.core.errors import Problem
    from router.runtime import Runtime

MAX_PORT = 65_535


def register(subparsers: Subparsers) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser("serve", help="run the proxy")
    add_config(parser)
    parser.add_argument("--host", help="where to listen (default: the config's, 127.0.0.1)")
    parser.add_argument("--port", type=port, help="the port (default: the config's, 4000); 0 lets the system choose")
    parser.add_argument("--workers", type=int, default=1, help="processes; this release serves with one")
    parser.set_defaults(run=run_serve)


def port(text: str) -> int:
    """The port that `text` names. Raises ArgumentTypeError if it is none."""
    if not text.isascii() or not text.isdigit() or int(text) > MAX_PORT:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a port; give 0 to {MAX_PORT}, where 0 lets the system choose"
        )
    return int(text)


def run_serve(args: argparse.Namespace) -> int:
    """Serve until told to stop; 0 after a clean end."""
    if args.workers != 1:
        print("smallfirst serve: more than one worker comes with a later release; leave --workers out", file=sys.stderr)
        return 2
    from router.api.server import Server

    runtime, discovery = prepare(args)
    host = args.host or runtime.config.listen.host
    port = runtime.config.listen.port if args.port is None else args.port
    refuse_open_door(runtime, host)
    server = Server(runtime, host, port, on_ready=lambda where: print(banner(runtime, discovery, where), flush=True))
    server.run()
    return 0


def prepare(args: argparse.Namespace, *, asks: bool = True) -> "tuple[Runtime, Discovery | None]":
    """The runtime of a configuration, its upstreams discovered where it says so. Raises SetupError.

    `asks`: whether it will ask them; else the variables that their rows name may be missing."""
    from router.cli.local import UNSERVED, refuse_without_llama
    from router.config import Config, load_config
    from router.config.discover import settled
    from router.runtime import Runtime

    config, discovery = asyncio.run(settled(load_config(args.config, asks=asks)))
    if discovery is not None and discovery.world.builtin:
        refuse_without_llama(UNSERVED)

    def refill(fresh: Config) -> Config:
        if not fresh.discover or discovery is None:
            return fresh
        world = discovery.world
        return fresh.with_upstreams(world.upstreams, baseline=world.baseline, artifact=world.artifact)

    return Runtime(config, refill=refill), discovery


def refuse_open_door(runtime: "Runtime", host: str) -> None:
    """Raise SetupError where `auth: open` would listen beyond this machine."""
    from router.core.addresses import is_loopback
    from router.core.errors import Problem, SetupError

    if runtime.config.auth == "open" and not is_loopback(host):
        remedy = "set `auth: required` and make keys with `smallfirst keys add`, or listen on 127.0.0.1"
        raise SetupError(
            [Problem(str(runtime.config.path), None, "auth", f"open would listen on {host} for anyone", remedy)]
        )


def banner(runtime: "Runtime", discovery: "Discovery | None", where: str) -> str:
    """What a person should know who just started it, ending with a command to try."""
    from router.reports.backing import by_hand
    from router.runtime.building import grounds_of

    _, phases = runtime.ready()
    lines = [f"smallfirst serves on {where}/v1"]
    lines += [f"  {line}" for line in (discovery.lines if discovery else ())]
    for name, upstream in runtime.upstreams.items():
        spec = upstream.spec
        local = "local" if spec.local else "remote"
        state = f"{phases.get(name, 'unknown')}, price {spec.price.words}"
        lines.append(f"  {name:<8} {spec.kind:<9} {spec.model:<28} {local:<7} {state}")
    baseline = runtime.config.baseline
    lines.append(f"  policy {runtime.config.policies.default}, baseline {baseline}, ledger {runtime.config.store.url}")
    lines += [f"  warning: {warning}" for warning in (*runtime.config.warnings, *doubts(runtime))]
    lines += [f"  {line}" for line in by_hand(grounds_of(runtime.config, runtime.pipeline.deps.policies))]
    if runtime.pause.keys:
        lines.append(f"  PAUSED for {runtime.pause.whose}: the baseline answers; `smallfirst resume` ends it")
    lines.append(
        "  requests are in the ledger, not printed here: `smallfirst report requests`, `smallfirst explain ID`"
    )
    asked = "My name is Maria and Tina is my friend. What is my name?"
    question = f'{{"model": "auto", "messages": [{{"role": "user", "content": "{asked}"}}]}}'
    key = ' -H "authorization: Bearer $KEY"' if runtime.config.auth == "required" else ""
    lines.append("try, after KEY=$(smallfirst keys add NAME):" if key else "try:")
    lines.append(f"  curl -i {where}/v1/chat/completions{key} -H 'content-type: application/json' -d '{question}'")
    return "\n".join(lines)


def doubts(runtime: "Runtime") -> "Iterator[Problem]":
    """What promises without proof, and what `p_good` knows nothing about."""
    from router.reports.backing import keeping_nothing, unmeasured, unproven
    from router.runtime.building import grounds_of

    deps = runtime.pipeline.deps
    grounds = grounds_of(runtime.config, deps.policies)
    yield from unproven(grounds)
    yield from keeping_nothing(grounds)
    if deps.classifier is not None:
        yield from unmeasured(grounds.policies, deps.classifier, deps.digests)
