"""The pages are complete: every key, signal, kind, command, header, metric and column stands in some of them."""

import argparse
import ast
import dataclasses
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from sqlalchemy import Table

from policies.load import load_policy
from policies.names import Names
from router import judges, upstreams
from router.cli.main import build_parser
from router.config.records import Config
from router.core.errors import Problem
from router.core.signals import CATALOGUE, FACTS, PRIVATE, READ
from router.observers.telemetry import Telemetry as Metrics
from router.reports.held_out import RANKING
from router.runtime.policybook import LOCAL_ONLY
from router.store import tables

ROOT = Path(__file__).parents[1]
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
README = (ROOT / "README.md").read_text(encoding="utf-8")
ALL = "\n".join([*PAGES.values(), README])


FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)


def marked(text: str) -> str:
    """What of a page stands in backticks, in a fenced block or in a heading: not its prose."""
    rest = FENCE.sub("", text)
    headings = re.findall(r"^#+ .*", rest, re.MULTILINE)
    return "\n".join([*FENCE.findall(text), *re.findall(r"`([^`\n]+)`", rest), *headings])


def missing(words: Iterable[str], text: str = ALL) -> list[str]:
    """The words that stand nowhere as words of their own inside backticks or a heading."""
    told = marked(text)
    return [word for word in words if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", told)]


def test_a_word_counts_as_explained_in_backticks_or_a_heading_and_not_in_prose() -> None:
    page = "## An `open` door\n\nAsk for auth: `store.url` says.\n\n```\nhost: x\n```\n"
    assert missing(["open", "door", "url", "host", "auth", "says"], page) == ["auth", "says"]


def records(kind: Any, found: dict[type, None]) -> dict[type, None]:
    """The configuration's records, from *kind* down; a problem is told of a file and stands in none."""
    if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind not in found and kind is not Problem:
        found[kind] = None
        for hint in get_type_hints(kind).values():
            for part in (hint, *get_args(hint)):
                records(part, found)
    return found


# Fields that nobody writes: read off the others, or a key by another name (`timeout`, `key: passthrough`, a row's own).
DERIVED = {
    "path",
    "digest",
    "files",
    "stamp",
    "warnings",
    "name",
    "timeouts",
    "passes_key",
    "state",
    "source",
    "as_charged",
}


def test_every_key_of_the_configuration_is_explained() -> None:
    fields = {field.name for record in records(Config, {}) for field in dataclasses.fields(record)}
    assert fields > DERIVED
    assert missing(sorted(fields - DERIVED), PAGES["configuration.md"]) == []


def rows(page: str, heading: str) -> dict[str, str]:
    """A table under a heading: its first column without backticks, to its second."""
    section = page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `([^`|]+)` \| (.+) \|$", section, re.MULTILINE))


def test_the_page_of_signals_is_the_catalogue() -> None:
    told = rows(PAGES["signals.md"], "Of the request")
    catalogue = {**CATALOGUE, **PRIVATE, **READ}
    assert {name: told.get(name) for name in catalogue} == catalogue
    assert set(told) - set(catalogue) == {"p_good.NAME", "tag.NAME", "local_only"}


def test_the_page_of_signals_has_every_fact_of_an_upstream() -> None:
    assert rows(PAGES["signals.md"], "Of an upstream") == dict(FACTS)


@pytest.mark.parametrize(("kinds", "page"), [(judges.KINDS, "judges.md"), (upstreams.KINDS, "upstreams.md")])
def test_every_kind_has_its_place(kinds: dict[str, str], page: str) -> None:
    assert [kind for kind in kinds if f"`{kind}`" not in PAGES[page]] == []


def commands(
    parser: argparse.ArgumentParser, name: str = "smallfirst"
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command that can be run, with its parser."""
    choices = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not choices:
        yield name, parser
    for children in choices:
        for word, child in children.items():
            yield from commands(child, f"{name} {word}")


COMMANDS = dict(commands(build_parser()))


def test_every_command_has_its_chapter_and_no_chapter_is_of_a_command_that_is_gone() -> None:
    assert set(re.findall(r"^## `(.+)`$", PAGES["cli.md"], re.MULTILINE)) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_stands_in_its_chapter(name: str) -> None:
    chapter = PAGES["cli.md"].partition(f"## `{name}`\n")[2].partition("\n## ")[0]
    actions = [action for action in COMMANDS[name]._actions if not isinstance(action, argparse._HelpAction)]
    options = [option for action in actions for option in action.option_strings]
    told = set(re.findall(r"^\| `(--[\w-]+)", chapter, re.MULTILINE))
    assert told == set(options)


def test_every_command_takes_a_configuration_file() -> None:
    lacking = [name for name, parser in COMMANDS.items() if "--config" not in parser._option_string_actions]
    assert lacking == []


def test_every_header_we_send_or_read_is_on_the_page_of_http() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for room in ("pipeline", "api")
        for path in (ROOT / "router" / room).glob("*.py")
    ]
    written = set(re.findall(r"\"(x-[a-z-]+[a-z])\"", "\n".join(sources)))
    written |= {f"x-router-{name}" for name in ("p-good", "cut", "p-kept")}
    assert "x-router-rule" in written
    assert missing(sorted(written - {"x-accel-buffering"}), PAGES["http.md"]) == []


def codes_of(source: str) -> Iterator[str]:
    """The codes that a file gives: as `code=`, in the place of a parameter of that name, or as a class's own."""
    nodes = list(ast.walk(ast.parse(source)))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    places = {node.name: names.index("code") for node in functions if "code" in (names := parameters(node))}
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args):
                given = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
                place = places.get(name, len(args))
                yield from literals(given + args[place : place + 1])
            case ast.Assign(targets=[ast.Name(id="code")]):
                yield from literals([node.value])
            case ast.Assign(targets=[ast.Tuple(elts=parts)]) if "code" in map(ast.unparse, parts):
                yield from literals([node.value])


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The positional parameters of a function, without the instance."""
    return [one.arg for one in node.args.args if one.arg != "self"]


def literals(given: Iterable[ast.expr]) -> Iterator[str]:
    """The words that expressions may come to: of a choice both, of an f-string none."""
    for node in given:
        match node:
            case ast.Constant(value=str(word)) if re.fullmatch("[a-z]+(_[a-z]+)*", word):
                yield word
            case ast.IfExp():
                yield from literals([node.body, node.orelse])
            case ast.BoolOp(values=parts) | ast.Tuple(elts=parts):
                yield from literals(parts)


# Always given a narrower code, said to a client that has left, or told as `in_band`.
UNSENT = {"forbidden", "upstream_error", "client_closed_request", "no_choices"}


def test_every_error_code_of_ours_is_on_the_page_of_http() -> None:
    rooms = ("api", "core", "pipeline", "upstreams")
    codes = {
        code
        for room in rooms
        for path in (ROOT / "router" / room).rglob("*.py")
        for code in codes_of(path.read_text(encoding="utf-8"))
    }
    assert codes >= {"not_recorded", "in_band", "spill_spent", "duplicate_key", "headers_too_large"}
    assert missing(sorted(codes - UNSENT), PAGES["http.md"] + PAGES["fallback.md"]) == []


def test_every_metric_is_on_its_page_with_its_labels() -> None:
    told = PAGES["metrics.md"]
    for family in Metrics().registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        assert f"| `{name}` | {family.type} |" in told
    metrics = set(re.findall(r"^\| `(smallfirst_[a-z_]+)`", told, re.MULTILINE))
    assert len(metrics) == len(list(Metrics().registry.collect()))


@pytest.mark.parametrize("table", tables.METADATA.tables.values(), ids=lambda table: str(table.name))
def test_every_column_of_the_ledger_is_explained_and_none_that_is_not_there(table: Table) -> None:
    section = PAGES["ledger.md"].partition(f"### `{table.name}`\n")[2].partition("\n##")[0]
    firsts = re.findall(r"^\| (`.+?`) \| ", section, re.MULTILINE)
    told = {name for first in firsts for name in re.findall(r"`(\w+)`", first)}
    assert told == {column.name for column in table.columns}


def test_no_page_names_a_file_that_is_not_there() -> None:
    named = {(page, path) for page, text in PAGES.items() for path in re.findall(r"\]\((?!http)([\w./-]+\.md)\)", text)}
    named |= {("../README.md", path) for path in re.findall(r"\]\((?!http)([\w./-]+\.\w+)\)", README)}
    assert (
        sorted(f"{page} -> {path}" for page, path in named if not (ROOT / "docs" / page).parent.joinpath(path).exists())
        == []
    )


def test_the_calls_of_a_request_are_where_the_page_says() -> None:
    chain = re.findall(
        r"^\| \d+ \| `(.+?)`.* `(router/\S+?\.py|policies/\S+?\.py)`", PAGES["architecture.md"], re.MULTILINE
    )
    assert len(chain) == 12
    for call, path in chain:
        owner, _, name = call.rpartition(".")
        source = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"def {name}\(", source), call
        assert not owner or re.search(rf"class {owner}\b", source), call


def test_every_file_of_the_pipeline_has_its_line() -> None:
    told = rows(PAGES["architecture.md"].replace("### The files", "## The files"), "The files of `router/pipeline/`")
    assert sorted(told) == sorted(path.name for path in (ROOT / "router/pipeline").glob("[a-z]*.py"))


def test_every_whole_policy_on_a_page_is_one() -> None:
    names = Names(
        signals={*CATALOGUE, *PRIVATE, *READ, LOCAL_ONLY},
        upstreams={"small": True, "second": True, "third": True, "big": False},
        judges=tuple(judges.KINDS),
        facts=tuple(FACTS),
    )
    found = re.findall(r"^```yaml\n(policy: .+?)^```", ALL, re.MULTILINE | re.DOTALL)
    assert found
    for text in found:
        if "otherwise:" in text:
            load_policy(text, source="a page", names=names)


def test_every_figure_of_learn_evaluate_and_every_control_is_explained_among_the_words() -> None:
    told = set(re.findall(r"^\| ([^|]+?) \|", PAGES["words.md"], re.MULTILINE))
    words = {word.strip() for cell in told for word in cell.split(",")}
    figures = {*RANKING[1:], "relative loss", "harm", "random mix", "length", "task mean", "oracle"}
    assert sorted(figures - words) == []
