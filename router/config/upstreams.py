"""One row of `upstreams:` read into an `UpstreamSpec`."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from router.config.breaker import read_breaker
from router.config.document import Node
from router.config.files import row_stamp
from router.config.machines import check_url, read_urls
from router.config.options import OWN_KIND, WEIGHTS, Shared, read_options, read_way
from router.config.price import read_price
from router.config.pricebook import Books
from router.config.quirks import capabilities, read_quirks
from router.config.section import Findings, Section, nearest, quoted
from router.core.addresses import is_on_premises, split_url
from router.core.capabilities import closed
from router.core.prices import Price
from router.core.upstream import Timeouts, UpstreamSpec

KINDS = ("openai", "anthropic", "ollama", "litellm", "llamacpp", "recorded")
SEVERAL = ("openai", "ollama")
FULL = ("send", "wait", "overflow")
PASSTHROUGH, PASSING = "passthrough", ("openai", "anthropic", "litellm")
SIGNED = ("vertex_ai", "sagemaker", "sagemaker_chat")  # litellm's names of providers that are logged in to
OLLAMA = "http://127.0.0.1:11434"
ANTHROPIC = "https://api.anthropic.com/v1"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
DIALECTS = ("chat", "completions", "responses", "messages", "embeddings")
SPEAKS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "openai": frozenset({"chat", "completions", "embeddings"}),
        "llamacpp": frozenset({"chat", "completions"}),
        "anthropic": frozenset({"chat", "messages"}),
    }
)


def read_upstream(name: str, node: Node, findings: Findings, shared: Shared) -> UpstreamSpec:
    """Return the row *name* checked; what is wrong with it is noted in *findings*.

    The spec is whole even then, so that reading goes on; it is used only if nothing was wrong.
    """
    row = Section(node, f"upstreams.{name}", findings)
    if not NAME.fullmatch(name) or name == "auto":
        row.findings.problem(
            node.line,
            row.path,
            "is not a valid name for an upstream",
            "use letters, digits, - _ and ., up to 64, but not `auto`",
        )
    kind = _kind(row)
    options = read_options(row, kind, shared) | read_way(row, kind, shared)
    urls = read_urls(row) if kind in SEVERAL else ()
    model, url, local = _model(row, kind, options), _url(row, kind, urls), row.truth("local", kind == "llamacpp")
    key, passes_key = _key(row, kind, model)
    spec = UpstreamSpec(
        name=name,
        kind=kind,
        model=model,
        url=url,
        urls=urls,
        local=local,
        key=key,
        passes_key=passes_key,
        headers=row.named_texts("headers"),
        query=row.named_texts("query"),
        context=_auto(row, "context", 64, 100_000_000),
        slots=_auto(row, "slots", 1, 10_000),
        full=row.choice("full", FULL, "send"),
        supports=_supports(row),
        quirks=read_quirks(row.section("quirks")),
        speaks=_speaks(row, kind),
        price=read_price(row, lambda: None if local else _listed(kind, model, url, shared.books)),
        timeouts=_timeouts(row.section("timeout")),
        breaker=read_breaker(row.section("breaker")),
        premises=shared.premises,
        device=_device(row),
        options=options,
        stamp=row_stamp(options),
    )
    _check_way(row, spec, shared)
    if kind in KINDS:
        row.close()
    elif OWN_KIND.fullmatch(kind):
        row.close("a kind of your own has its own keys under `options:`")
    return spec


def _listed(kind: str, model: str, url: str, books: Books) -> Price | None:
    parts = split_url(url)
    return books.price(kind, model, (parts.hostname or "").lower() if parts else "")


def _kind(row: Section) -> str:
    known = ", ".join(KINDS)
    kind = row.required("kind", f"write one of: {known}")
    if kind and kind not in KINDS and not OWN_KIND.fullmatch(kind):
        row.problem(
            "kind",
            f"no kind is called {row.shown('kind')}",
            nearest(kind, KINDS, f"write one of: {known}"),
        )
    return kind


def _model(row: Section, kind: str, options: Mapping[str, Any]) -> str:
    if kind == "recorded":
        return row.text("model", "recording") or ""
    if kind == "llamacpp":
        source = str(options.get("gguf", ""))
        return row.text("model", source.rpartition(":")[2] if source in WEIGHTS else Path(source).stem) or ""
    if OWN_KIND.fullmatch(kind):
        return row.text("model", "") or ""
    return row.required("model", "write the name that the server knows the model by")


def _url(row: Section, kind: str, urls: tuple[str, ...]) -> str:
    """The base URL; of several machines the first."""
    if urls or kind in ("llamacpp", "recorded"):
        return urls[0] if urls else ""
    how = "write the server's base URL, like http://127.0.0.1:8000/v1"
    url = (_written_url(row, kind, how) or "").rstrip("/")
    if url:
        check_url(row, "url", url)
    return url


def _written_url(row: Section, kind: str, how: str) -> str | None:
    if kind in ("ollama", "anthropic"):
        return row.text("url", OLLAMA if kind == "ollama" else ANTHROPIC)
    return row.text("url") if kind == "litellm" or OWN_KIND.fullmatch(kind) else row.required("url", how)


def _key(row: Section, kind: str, model: str) -> tuple[str | None, bool]:
    """The row's own key, and whether it is the caller's that is sent instead."""
    node = row.node("key")
    key = row.text("key") or None
    if key == PASSTHROUGH:
        if kind in KINDS and kind not in PASSING:
            kinds = " and ".join((", ".join(PASSING[:-1]), PASSING[-1]))
            row.problem("key", f"kind {kind} sends no token of a caller's", f"{kinds} do; leave the key out")
        elif kind == "litellm" and model.partition("/")[0] in SIGNED:
            row.problem("key", "its provider takes no token of a caller's", "give it credentials under `options:`")
        return None, True
    if key and (not key.isascii() or not key.isprintable() or " " in key):
        row.problem("key", "holds characters that no header can carry", "look for spaces or line ends in the key")
    elif key and node and node.source is None:
        row.warn("key", "the key itself stands in this file", "write it as ${NAME} or ${file:PATH}")
    return key, False


def _auto(row: Section, key: str, least: int, most: int) -> int | None:
    node = row.node(key)
    if node is None or node.text == "auto":
        return None
    return row.integer(key, 0, least=least, most=most) or None


def _supports(row: Section) -> frozenset[str] | None:
    node = row.node("supports")
    if node is None or (node.scalar and node.text == "auto"):
        return None
    return closed(capabilities(row, "supports"))


def _speaks(row: Section, kind: str) -> frozenset[str]:
    """The dialects it takes as they come; what is left out is translated to chat."""
    default = SPEAKS.get(kind, frozenset({"chat"}))
    if row.node("speaks") is None:
        return default
    spoken = row.entries("speaks")
    for dialect in spoken:
        if dialect.text not in DIALECTS:
            remedy = nearest(dialect.text, DIALECTS, "it knows: " + ", ".join(DIALECTS))
            row.problem("speaks", f"no dialect is called {quoted(dialect)}", remedy)
    if not spoken:
        row.problem("speaks", "it must speak something", "leave the key out, or write [chat]")
    return frozenset(dialect.text for dialect in spoken)


def _device(row: Section) -> str:
    """What it shares memory on with others that name the same; "" where the row names none."""
    device = row.text("device", "") or ""
    if device and not NAME.fullmatch(device):
        row.problem(
            "device",
            f"{row.shown('device')} is not a valid name",
            "write one like gpu0, the same for all that share it",
        )
    return device


def _timeouts(section: Section) -> Timeouts:
    budgets = {key: section.number(key, getattr(Timeouts(), key), most=86_400) for key in Timeouts.__dataclass_fields__}
    section.close()
    return Timeouts(**budgets)


def _check_way(row: Section, spec: UpstreamSpec, shared: Shared) -> None:
    ways = [parts for url in spec.urls or (spec.url,) if (parts := split_url(url))]
    inside = all(is_on_premises(parts.hostname or "", shared.premises) for parts in ways) if ways else not spec.url
    if spec.local and not spec.url and OWN_KIND.fullmatch(spec.kind):
        row.problem("local", "a kind of your own that names no address cannot be checked",
                    "give it the `url:` it sends to, or write `local: false`")  # fmt: skip
    if spec.device and not spec.local:
        row.problem("device", "only local upstreams share one", "write `local: true`, or take the key out")
    if spec.local and not inside:
        row.problem("local", "the address of a local upstream must be loopback, private or on the premises",
                    "write `local: false`, or list the host under `premises:`")  # fmt: skip
    if spec.local and spec.model.lower().endswith((":cloud", "-cloud")):
        row.problem(
            "local",
            f"{row.shown('model', spec.model)} is run in its maker's cloud",
            "write `local: false`, or name a model of this machine",
        )
    if any(parts.scheme == "http" for parts in ways) and (spec.key or spec.passes_key) and not inside:
        row.warn("urls" if spec.urls else "url", "the key would travel in clear text", "write https://")
