"""The config.yaml that `init` writes: what was found, as rows a person can edit."""

from collections.abc import Sequence
from pathlib import Path

import yaml

from router.config.discover import Discovery
from router.config.document import MAX_BYTES, read_document
from router.config.providers import KeySeen, Provider
from router.core.errors import SetupError
from router.core.upstream import UpstreamSpec

HEAD = """\
# What exists: upstreams, prices, store. What to do with them is in policies/*.yaml.
# Every key is explained in docs/configuration.md; `smallfirst check` looks this file over.
"""
NOBODY = "# No model server answers on this machine and no provider key is set: this looks again at every start.\n"
BASELINE = "baseline: big                # what answers would have cost without us"
TINY_NOTE = "# a tiny built-in stand-in that knows fifteen kinds of question: put a real local model here"
NAMES_NOTE = """\
# What clients write as `model` today: with it here they change only the URL. Add their other names, or let them
# write `auto`."""
PRICE_NOTE = "# price: {input: …, output: …}   # USD a million tokens; left out: the price book's, else unknown"


def only_discovers(path: Path) -> bool:
    """Whether the file at *path* says `upstreams: discover` and nothing else, as a clone's own and a first `init`'s do.

    False where it cannot be read.
    """
    try:
        with path.open("rb") as file:
            pairs = read_document(file.read(MAX_BYTES + 1), str(path)).pairs
    except (OSError, SetupError):
        return False
    return list(pairs) == ["upstreams"] and pairs["upstreams"].text == "discover"


def starter_config(discovery: Discovery, keys: Sequence[KeySeen]) -> str:
    """Return the text of a config.yaml for what was found; keys appear in it as `${NAME}` only.

    `small` is the smallest local model, else a built-in one; `big` the first provider whose key is set, else the
    largest local model. With neither, the file says `upstreams: discover`.
    """
    if discovery.world.builtin and not keys:
        return f"{HEAD}\n{NOBODY}upstreams: discover\n"
    rows = [row_of(discovery.world.upstreams["small"])]
    rows += [_provided(keys[0])] if keys else [row_of(discovery.world.upstreams["big"])]
    rows += [_mentioned(key.provider) for key in keys[1:]]
    names = _entrypoint(keys[0].provider) if keys else ""
    return f"{HEAD}\nupstreams:\n" + "\n".join(rows) + f"\n\n{BASELINE}\n{names}"


def _entrypoint(provider: Provider) -> str:
    """The name that clients of this provider write today, so that they need to change nothing but the URL."""
    row = f"  {_quoted(provider.model)}: {{baseline: big}}"
    return f"\n{NAMES_NOTE}\nentrypoints:\n{row}\n"


def _mentioned(provider: Provider) -> str:
    return (
        f'  # {provider.name} would be {{kind: {provider.kind}, url: {provider.url}, key: "${{{provider.variable}}}"}}'
    )


def row_of(spec: UpstreamSpec) -> str:
    lines = [f"  {spec.name}:"]
    if spec.kind == "llamacpp":
        lines += [f"    {TINY_NOTE}", "    kind: llamacpp", f"    gguf: {_quoted(spec.options['gguf'])}"]
    else:
        lines += [
            f"    kind: {spec.kind}",
            f"    url: {spec.url}",
            f"    model: {_quoted(spec.model)}",
            "    local: true",
        ]
    if spec.context:
        lines.append(f"    context: {spec.context}")
    return "\n".join([*lines, "    price: free              # nobody bills for it; its electricity is not counted"])


def _provided(key: KeySeen) -> str:
    provider = key.provider
    return "\n".join(
        [
            "  big:",
            f"    kind: {provider.kind}",
            f"    url: {provider.url}",
            f"    model: {_quoted(provider.model)}   # the one you would use without us",
            f"    key: ${{{provider.variable}}}",
            f"    {PRICE_NOTE}",
        ]
    )


def _quoted(text: str) -> str:
    return yaml.safe_dump(text, default_style='"', width=10_000, allow_unicode=True).strip()
