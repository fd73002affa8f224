"""The text of config.yaml and of the policies that carry on what a litellm.yaml said."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import yaml

from router.config.migration.deployment import plain
from router.config.migration.routing import Routing
from router.config.migration.world import BIG, SMALL, Chain, Layout, Row
from router.config.starter import row_of
from router.core.errors import Problem
from router.core.upstream import UpstreamSpec

MAX_VALUES = {"total_s": 86_400, "first_token_s": 86_400, "open_s": 3600, "failures": 10_000}
HEAD = """\
# Taken over from {file} by `smallfirst init --from`. What could not be carried is listed at the end.
# Every key is explained in docs/configuration.md; `smallfirst check` looks this file over.
"""
NAMES = """\
# The names that clients write go on meaning what they meant, and who is asked does not change. `auto` is new: there
# the small model answers what it can. To let it answer for one of these names, too, write `policy: balanced` there.
entrypoints:"""
FREE = "    price: free              # nobody bills for it; its electricity is not counted"
LISTED = "    # price: …   # as the provider lists it (docs/prices.md); write what you pay where that differs"
UNPRICED = "    # price: {input: …, output: …}   # USD a million tokens; until then its cost is unknown"


def config_text(laid: Layout, routing: Routing, door: Sequence[str], stand_in: UpstreamSpec) -> str:
    """Return config.yaml; *door* are its first lines, *stand_in* the small model where the file names no local one."""
    lines = [*door]
    if laid.premises:
        lines.append(f"premises: [{', '.join(map(quoted, laid.premises))}]   # names that only this network knows")
    lines += ["", "upstreams:"]
    if not laid.has(SMALL):
        lines.append(row_of(stand_in))
    for row in laid.rows:
        lines += _row(row, routing)
    if laid.chains:
        lines += ["", NAMES]
        lines += [_entry(chain.group, chain) for chain in laid.chains]
        lines += [_entry(alias, _of(laid.chains, group)) for alias, group in laid.aliases.items()]
    return "\n".join([*lines, "", f"baseline: {BIG}                # what answers would have cost without us", ""])


def remarks(left: Sequence[Problem]) -> str:
    """Return what is left to a person as comments, one a line."""
    if not left:
        return ""
    lines = [f"# {_flat(str(problem))}" for problem in left]
    return "\n".join(["", "# Not carried over, and what to do:", *lines, ""])


def policy_text(chain: Chain, file: str) -> str:
    """Return the policy that asks whom LiteLLM asked for this name, in its order."""
    first, *others = chain.steps
    about = f"{first} answers" + (f"; when it fails {', then '.join(others)}." if others else ".")
    lines = [
        f"# Taken over from {_flat(file)}:{chain.line}.",
        f"policy: {chain.policy}",
        f"about: {plainly(about)}",
    ]
    if chain.overflow:
        window = f"{first.replace('-', '_').replace('.', '_')}.context"
        lines += [
            "rules:",
            "  - name: does-not-fit     # known beforehand where the window is: write `context:` of the upstream",
            f"    when: prompt_tokens > {window} - max_tokens",
            f"    plan: [{', '.join(chain.overflow)}]",
        ]
    return "\n".join([*lines, f"otherwise: {{plan: [{', '.join(chain.steps)}]}}", ""])


def quoted(text: str) -> str:
    """Return *text* in double quotes, as YAML reads it back anywhere."""
    return yaml.safe_dump(text, default_style='"', width=10_000, allow_unicode=True).strip()


def plainly(text: str) -> str:
    """Return *text* as a value on a line of its own, in quotes only where it needs them."""
    return yaml.safe_dump(text, width=10_000, allow_unicode=True).removesuffix("\n").removesuffix("\n...")


def _entry(name: str, chain: Chain) -> str:
    return f"  {quoted(name)}: {{policy: {chain.policy}, baseline: {chain.steps[0]}}}"


def _of(chains: Sequence[Chain], group: str) -> Chain:
    return next(chain for chain in chains if chain.group == group)


def _row(row: Row, routing: Routing) -> Iterator[str]:
    one = row.deployment
    yield f"  {row.name}:   # {_flat(one.group)}, line {one.line}"
    yield f"    kind: {one.kind}"
    if row.urls:
        yield f"    urls: [{', '.join(map(quoted, row.urls))}]"
    elif one.url:
        yield f"    url: {plainly(one.url)}"
    yield f"    model: {plainly(one.model)}"
    if one.key:
        yield f"    key: {plainly(one.key)}"
    if one.local:
        yield "    local: true"
    if one.embeds:
        yield "    speaks: [embeddings]"
    if one.context:
        yield f"    context: {max(64, one.context)}"
    if one.lacks:
        yield f"    quirks: {{lacks: [{', '.join(one.lacks)}]}}"
    for key in ("headers", "query", "options"):
        yield from _mapping(key, getattr(one, key))
    yield from _figures("timeout", {**routing.timeout, **one.timeout})
    yield from _figures("breaker", routing.breaker)
    yield _price(row)


def _price(row: Row) -> str:
    price = row.deployment.price
    if price is None:
        return FREE if row.deployment.local else LISTED if row.deployment.listed else UNPRICED
    if not any(price.values()):
        return FREE
    return f"    price: {{{', '.join(f'{bucket}: {figure}' for bucket, figure in price.items())}}}"


def _mapping(key: str, pairs: Mapping[str, str]) -> Iterator[str]:
    if pairs:
        yield f"    {key}: {{{', '.join(f'{quoted(name)}: {quoted(value)}' for name, value in pairs.items())}}}"


def _figures(key: str, pairs: Mapping[str, Decimal]) -> Iterator[str]:
    bounded = {name: plain(min(value, Decimal(MAX_VALUES[name]))) for name, value in pairs.items() if value >= 0}
    if bounded:
        yield f"    {key}: {{{', '.join(f'{name}: {value}' for name, value in bounded.items())}}}"


def _flat(text: str) -> str:
    """On one line, whatever a name holds."""
    return "".join(char if char.isprintable() else " " for char in text)
