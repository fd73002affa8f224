"""The sections of config.yaml that name places: store, policies, classifier, premises."""

import ipaddress
import re
from collections.abc import Collection
from pathlib import Path

from router.config.records import ClassifierSettings, PolicySettings, StoreSettings
from router.config.section import LATER, Section, nearest, quoted

SQLITE = "sqlite:///"
MEMORY = "memory"
SHIPPED = ("default", "builtin")
LOCAL = "local"
TAGGED = re.compile(r"[A-Za-z0-9_.-]{1,64}=[^=\s][^=]{0,199}")
BODIES = ("none", "hash", "sample", "full")
HOST = re.compile(r"\.?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")


def read_store(section: Section, folder: Path) -> StoreSettings:
    """Return where the ledger is; a relative SQLite path starts at *folder*."""
    url = section.text("url", f"{SQLITE}smallfirst.db") or ""
    if url != MEMORY:
        url = _database(section, url, folder)
    store = StoreSettings(
        url=url,
        keep_bodies=section.choice("keep_bodies", BODIES, "none"),  # type: ignore[arg-type]  # BODIES is KeepBodies
        retain_days=section.integer("retain_days", 90, least=1, most=36_500),
        on_failure=section.choice("on_failure", ("open", "closed"), "open"),
        sync=section.truth("sync", False),
    )
    if store.keep_bodies != "none":
        section.problem("keep_bodies", f"keeping bodies {LATER}", "write `keep_bodies: none` until then")
    if section.has("retain_days"):
        section.warn("retain_days", f"pruning {LATER}", "rows are kept until then")
    section.close()
    return store


def _database(section: Section, url: str, folder: Path) -> str:
    if url.partition(":")[0].partition("+")[0] in ("postgres", "postgresql"):
        section.problem("url", f"Postgres {LATER}", f"write `url: {SQLITE}smallfirst.db` until then")
    elif not url.startswith(SQLITE) or not url.removeprefix(SQLITE).strip("/"):
        section.problem("url", "is not a supported store URL", f"write `url: {SQLITE}smallfirst.db`")
    return SQLITE + str(folder / url.removeprefix(SQLITE))


def read_policies(section: Section, folder: Path) -> PolicySettings:
    """Return where policies lie and which is the default."""
    settings = PolicySettings(
        folder / (section.text("folder", "policies") or ""), section.text("default", "balanced") or ""
    )
    section.close()
    return settings


def read_classifier(section: Section, folder: Path) -> ClassifierSettings:
    """Return which artifact is loaded: a word, or the absolute path of a folder that exists."""
    artifact = section.text("artifact", "default") or ""
    section.close()
    if artifact in SHIPPED:
        return ClassifierSettings(artifact)
    path = folder / artifact
    try:
        there = path.is_dir()
    except (OSError, ValueError):
        there = False
    if not there:
        section.problem(
            "artifact", "there is no such folder", "write `default`, or the folder that `learn train` wrote"
        )
    return ClassifierSettings(str(path))


def read_premises(top: Section) -> tuple[str, ...]:
    """Return the hosts, `.domains` and networks that count as this house's own."""
    entries = top.entries("premises")
    for entry in entries:
        if not HOST.fullmatch(entry.text) and not _is_network(entry.text):
            message = f"{quoted(entry)} is not a host or a network"
            top.problem("premises", message, "write a host, `.domain` or 10.1.0.0/16")
    return tuple(entry.text for entry in entries)


def read_egress(top: Section, upstreams: Collection[str] | None) -> dict[str, tuple[str, ...]]:
    """Return who may see requests of a tag: `TAG=VALUE` to names of *upstreams* (None while
    they are to be discovered: then any name is taken), or `local` for every local one."""
    section = top.section("egress")
    allowed = {}
    for rule in section.pairs:
        if not TAGGED.fullmatch(rule):
            section.problem(rule, "is not TAG=VALUE", "write it like `team=legal: [small]`, or `[local]`")
        names = tuple(entry.text for entry in section.entries(rule))
        for name in names:
            if upstreams is not None and name != LOCAL and name not in upstreams:
                remedy = nearest(name, (*upstreams, LOCAL), "name upstreams, or `local`")
                section.problem(rule, f"no upstream is called '{name}'", remedy)
        allowed[rule] = names
    return allowed


def _is_network(entry: str) -> bool:
    try:
        return ipaddress.ip_network(entry, strict=False).prefixlen > 0
    except ValueError:
        return False
