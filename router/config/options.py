"""The keys of an upstream's row that only some kinds have: weights, recordings, Ollama's, certificates, proxy."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from router.config.pricebook import Books
from router.config.section import Section
from router.config.world import TINY
from router.core.addresses import split_url

OVER_HTTP = frozenset({"openai", "anthropic", "ollama"})
THINK = {"true": True, "false": False, "low": "low", "medium": "medium", "high": "high"}
KEEP_ALIVE = re.compile(r"-?\d{1,9}|(?:\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h)){1,4}")
OWN_KIND = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
WEIGHTS = tuple(f"builtin:{model}" for model in TINY.values())


@dataclass(frozen=True, slots=True)
class Shared:
    """What all rows share: the folder that paths start at, the premises, and the price books."""

    folder: Path
    premises: tuple[str, ...] = ()
    books: Books = field(default_factory=Books)


def read_options(row: Section, kind: str, shared: Shared) -> dict[str, Any]:
    """Return the options that only this kind has."""
    if kind == "llamacpp":
        threads = row.integer("threads", 0, least=1, most=1024)
        options = {"gguf": _source(row, "gguf", shared, WEIGHTS)}
        return {**options, "threads": threads} if threads else options
    if kind == "ollama":
        return _ollama(row)
    if kind == "anthropic":
        most = row.integer("max_tokens", 0, least=1, most=1_000_000)
        return {"adaptive": row.truth("adaptive", True), **({"max_tokens": most} if most else {})}
    if kind == "recorded":
        options = {"recording": _source(row, "recording", shared, ("builtin",))}
        delay_ms = row.integer("delay_ms", 0, most=600_000)
        return {**options, "delay_ms": delay_ms} if delay_ms else options
    if kind == "litellm" or OWN_KIND.fullmatch(kind):
        options = row.data("options") if row.has("options") else {}
        if not isinstance(options, dict):
            row.problem("options", "must be a mapping", "write `key: value` lines under it")
            return {}
        return options
    return {}


def read_way(row: Section, kind: str, shared: Shared) -> dict[str, Any]:
    """Return which certificates are trusted, and which proxy the server is reached through."""
    if kind not in OVER_HTTP:
        return {}
    way: dict[str, Any] = {}
    if row.has("ca"):
        way["ca"] = _source(row, "ca", shared, ())
    if proxy := row.text("proxy", "") or "":
        parts = split_url(proxy)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            row.problem("proxy", "is not a proxy URL", "write it like http://proxy.internal:3128, without a user")
        elif row.truth("local", False):
            row.problem("proxy", "stands before a local upstream", "reach it directly, or write `local: false`")
        way["proxy"] = proxy
    return way


def _ollama(row: Section) -> dict[str, Any]:
    """How long the model stays in memory after a request, and whether it thinks: Ollama's own words and numbers."""
    options: dict[str, Any] = {}
    kept, think = row.node("keep_alive"), row.node("think")
    if kept is not None and not KEEP_ALIVE.fullmatch(kept.text):
        row.problem("keep_alive", "is not a duration", "write it like 10m or 24h, in seconds, or -1 for ever")
    elif kept is not None:
        options["keep_alive"] = int(kept.text) if kept.text.lstrip("-").isdigit() else kept.text
    if think is not None and think.text not in THINK:
        row.problem("think", f"{row.shown('think')} is not one of its values", "write one of: " + ", ".join(THINK))
    elif think is not None:
        options["think"] = THINK[think.text]
    return options


def _source(row: Section, key: str, shared: Shared, builtin: tuple[str, ...]) -> str:
    ours = " or ".join(f"`{word}`" for word in builtin)
    written = row.required(key, " or ".join(["write the path of a file", *([ours] if ours else [])]))
    if not written or written in builtin:
        return written
    if written.partition(":")[0] == "builtin":
        row.problem(key, f"nothing built in is called {row.shown(key)}", f"write {ours}")
        return written
    path = shared.folder / written
    try:
        there = path.is_file()
    except (OSError, ValueError):
        there = False
    if not there:
        remedy = "paths count from config.yaml's folder; put the file there or mend the path"
        row.problem(key, "there is no such file", remedy)
    return str(path)
