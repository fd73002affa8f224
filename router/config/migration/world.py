"""Which upstreams the deployments become, under which names, and who is asked after whom."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from router.config.discover import UNSAID_BILLIONS, size_of
from router.config.migration.deployment import Deployment
from router.config.migration.part import Leftovers
from router.config.migration.routing import Routing

BIG, SMALL = "big", "small"
MAX_STEPS = 8
OBSERVE = "observe"
SPREAD = ("openai", "ollama")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of `upstreams:`; `urls` where several machines serve the same model."""

    name: str
    deployment: Deployment
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """Who answers for a name that clients write: `steps` in order, `overflow` where the prompt is too long."""

    group: str
    slug: str
    line: int
    steps: tuple[str, ...]
    overflow: tuple[str, ...] = ()

    @property
    def policy(self) -> str:
        """The policy that does this; where there is one step alone, the baseline answers and the rest is watched."""
        return f"keeps-{self.slug}" if len(self.steps) > 1 or self.overflow else OBSERVE


@dataclass(frozen=True, slots=True)
class Layout:
    """What is written: rows, a chain for each name, and other names for these."""

    rows: tuple[Row, ...]
    chains: tuple[Chain, ...]
    aliases: Mapping[str, str]

    @property
    def premises(self) -> tuple[str, ...]:
        """The hosts that only this house knows by name."""
        return tuple(dict.fromkeys(row.deployment.near for row in self.rows if row.deployment.near))

    def has(self, name: str) -> bool:
        """Whether a row is called *name*."""
        return any(row.name == name for row in self.rows)


def lay_out(deployments: Sequence[Deployment], routing: Routing, left: Leftovers) -> Layout:
    """Return the world made of *deployments*.

    `big`, the baseline, is the first group of the file that is not local, else the largest local one;
    `small` the smallest other local one. Both are what the shipped policies name.
    """
    groups: dict[str, list[Deployment]] = {}
    for one in deployments:
        groups.setdefault(one.group, []).append(one)
    builder = _Builder(groups, left)
    rows = {group: builder.rows(group) for group in groups}
    chats = {group: made for group, made in rows.items() if not made[0].deployment.embeds}
    names = {group: tuple(row.name for row in made) for group, made in chats.items()}
    follow = _Follow(names, routing, left)
    chains = tuple(
        _chain(group, builder.slugs[group], made[0].deployment.line, follow)
        for group, made in chats.items()
        if _may_be_asked(group, made[0].deployment.line, left)
    )
    every = tuple(row for made in rows.values() for row in made)
    ordered = sorted(every, key=lambda row: (row.name != SMALL, row.name != BIG))
    return Layout(tuple(ordered), chains, follow.aliases({chain.group for chain in chains}))


def _may_be_asked(group: str, line: int, left: Leftovers) -> bool:
    if group == "auto" or group.startswith("auto/"):
        left.note(line, "model_list", f"`{group}` always means a policy here", "give it another name, in clients too")
        return False
    return True


def _chain(group: str, slug: str, line: int, follow: "_Follow") -> Chain:
    steps = follow.steps(group)
    return Chain(group, slug, line, steps, follow.overflow(group, steps))


class _Follow:
    """Who follows whom, in names of upstreams."""

    def __init__(self, names: Mapping[str, tuple[str, ...]], routing: Routing, left: Leftovers) -> None:
        self.names = names
        self.routing = routing
        self.left = left
        self._noted: set[str] = set()

    def steps(self, group: str) -> tuple[str, ...]:
        """The upstreams of *group*, then those that follow them."""
        found = dict.fromkeys(self._upstreams([group, *self.routing.after(group), *self._wide(group)]))
        if len(found) > MAX_STEPS:
            line = self.routing.lines.get(group, 1)
            self.left.note(
                line, f"fallbacks of {group}", "a plan has at most eight steps", "the last ones are left out"
            )
        return tuple(found)[:MAX_STEPS]

    def overflow(self, group: str, steps: tuple[str, ...]) -> tuple[str, ...]:
        """The upstreams asked instead where a prompt is longer than the window of the first step."""
        wide = tuple(dict.fromkeys(self._upstreams(self._wide(group))))
        return wide[:MAX_STEPS] if wide and wide[0] != steps[0] else ()

    def aliases(self, groups: Iterable[str]) -> dict[str, str]:
        """Other names for groups, those left out that lead nowhere."""
        known = set(groups)
        for alias, group in self.routing.aliases.items():
            if group not in known:
                self._tell(group, f"router_settings.model_group_alias.{alias}")
        return {alias: group for alias, group in self.routing.aliases.items() if group in known and alias not in known}

    def _wide(self, group: str) -> tuple[str, ...]:
        return self.routing.overflows.get(group, ())

    def _upstreams(self, groups: Iterable[str]) -> Iterator[str]:
        for group in groups:
            meant = self.routing.aliases.get(group, group)
            if meant not in self.names:
                self._tell(meant, "fallbacks")
            yield from self.names.get(meant, ())

    def _tell(self, group: str, path: str) -> None:
        if group not in self._noted:
            remedy = "add it under `upstreams:` and to the plan in policies/, or leave it out"
            self.left.note(
                self.routing.lines.get(group, 1), path, f"'{group}' is not a chat model that was taken over", remedy
            )
            self._noted.add(group)


class _Builder:
    """Gives each group its rows and each row its name."""

    def __init__(self, groups: Mapping[str, Sequence[Deployment]], left: Leftovers) -> None:
        self.groups = groups
        self.left = left
        self._taken = {SMALL, BIG, "local"}
        self.slugs = {group: self._free(slug_of(group)) for group in groups}
        self.big = _biggest(groups)
        self.small = _smallest(groups, self.big)

    def rows(self, group: str) -> tuple[Row, ...]:
        """The rows of *group*: one where its deployments are machines of one model, else one for each."""
        first, *others = _joined(self.groups[group])
        role = {self.big: BIG, self.small: SMALL}.get(group)
        rows = [replace(first, name=role or self.slugs[group])]
        rows += [replace(other, name=self._free(f"{self.slugs[group][:56]}-{n}")) for n, other in enumerate(others, 2)]
        if first.deployment.embeds and self.slugs[group] != group:
            remedy = f"let clients write '{rows[0].name}', or the model's own name"
            self.left.note(
                first.deployment.line, "model_list", f"'{group}' is not a valid name for an upstream", remedy
            )
        if others and first.deployment.embeds:
            remedy = "vectors of two models differ, so one alone is asked; name the others in clients"
            self.left.note(first.deployment.line, "model_list", f"'{group}' has several ways to embed", remedy)
        elif others:
            names = ", ".join(row.name for row in rows)
            remedy = "reorder the plan in policies/ if another should come first"
            message = f"the deployments of '{group}' are asked in order ({names}), not in turns"
            self.left.note(first.deployment.line, "model_list", message, remedy)
        return tuple(rows)

    def _free(self, name: str) -> str:
        """The name, with a number appended if it is taken: conditions write - and . as _."""
        number, free = 1, name
        while re.sub(r"[-.]", "_", free) in {re.sub(r"[-.]", "_", taken) for taken in self._taken}:
            number += 1
            free = f"{name[:58]}-{number}"
        self._taken.add(free)
        return free


def slug_of(group: str) -> str:
    """Return *group* as a name for an upstream: letters, digits, - _ and ., a letter first, 58 at most."""
    slug = re.sub(r"[^A-Za-z0-9_.-]+", "-", group).strip("-._")[:58]
    return slug if slug[:1].isalpha() and slug != "auto" else f"m-{slug}".rstrip("-")


def _joined(deployments: Sequence[Deployment]) -> list[Row]:
    """Rows still without a name; deployments that differ in nothing but their address are machines of one."""
    alike: dict[str, list[Deployment]] = {}
    for one in deployments:
        machine = one.kind in SPREAD and not one.query
        alike.setdefault(repr(replace(one, url="", line=0, near="") if machine else one), []).append(one)
    return [Row("", same[0], _addresses(same)) for same in alike.values()]


def _addresses(same: Sequence[Deployment]) -> tuple[str, ...]:
    urls = tuple(dict.fromkeys(one.url for one in same))
    return urls if len(urls) > 1 else ()


def _biggest(groups: Mapping[str, Sequence[Deployment]]) -> str | None:
    chats = [group for group, same in groups.items() if not same[0].embeds]
    away = [group for group in chats if not groups[group][0].local]
    return away[0] if away else max(chats, key=lambda group: _billions(groups[group][0]), default=None)


def _smallest(groups: Mapping[str, Sequence[Deployment]], big: str | None) -> str | None:
    near = [group for group, same in groups.items() if same[0].local and not same[0].embeds and group != big]
    return min(near, key=lambda group: _billions(groups[group][0]), default=None)


def _billions(one: Deployment) -> float:
    size = size_of(one.model)
    return UNSAID_BILLIONS if size is None else size
