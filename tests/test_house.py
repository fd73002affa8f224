"""The house rules that a machine can hold: sizes, captions, the mirror, what no file may contain or import."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("router", "classifier", "policies")
FILE_LINES, FUNCTION_LINES, NESTING = 400, 50, 3
INSTALLED = {".venv", "node_modules"}
NO_NOUNS = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
HEAVY = ("lightgbm", "numpy", "sqlalchemy", "fastapi", "starlette", "aiohttp", "yaml", "pydantic", "httpx")
BROAD = {  # the places that may catch everything, each with its reason on the line
    "router/api/chat.py",
}
MIRRORED_ELSEWHERE = {
    "router/upstreams/llama_server.py": "runs only as a child process: tests/upstreams/test_llamacpp.py starts it",
    "router/config/records.py": "fields alone, whose values every test of tests/config reads",
    "router/core/dialects/dialect.py": "protocols and records: tests/core/dialects tries every dialect against them",
    "router/core/entrypoint.py": "fields alone, which tests/pipeline/test_deciding.py reads",
    "router/pipeline/options.py": "fields alone, which tests/pipeline/test_naming.py reads",
    "router/pipeline/settings.py": "fields alone, which tests/runtime/test_building.py reads",
    "router/store/state.py": "fields alone, which tests/store/test_sql.py reads",
    "router/pipeline/sink.py": "a protocol: tests/api/test_sink.py tries the one that sends to a client",
}


@dataclass(frozen=True)
class Source:
    """One Python file of ours."""

    path: str

    @cached_property
    def text(self) -> str:
        return (ROOT / self.path).read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def found(*folders: str) -> list[Source]:
    """The files in *folders*, but for what was installed there for the clients."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    ours = [path for path in paths if not INSTALLED & set(path.relative_to(ROOT).parts)]
    return [Source(path.relative_to(ROOT).as_posix()) for path in ours]


OURS = found(*PACKAGES)
EVERYTHING = found(*PACKAGES, "migrations", "tests")


def depth(node: ast.AST, level: int = 0) -> int:
    """How deep choices and loops lie in each other below `node`.

    An `elif` lies no deeper than its `if`, a `with` chooses nothing, and an inner function starts again.
    """
    deepest = level
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        block = isinstance(child, (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match))
        chained = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        deepest = max(deepest, depth(child, level + (block and not chained)))
    return deepest


def test_every_file_has_a_caption() -> None:
    def caption(source: Source) -> bool:
        first = (ast.get_docstring(source.tree) or "").partition("\n")[0]
        return first.endswith((".", ":", "?")) and len(first) > 10

    wanting = [source.path for source in EVERYTHING if source.text.strip() and not caption(source)]
    assert wanting == []


def test_no_file_is_longer_than_400_lines() -> None:
    long = {source.path: source.text.count("\n") for source in EVERYTHING if source.text.count("\n") > FILE_LINES}
    assert long == {}


def test_no_function_is_longer_than_50_lines() -> None:
    long = [
        f"{source.path}:{function.lineno} {function.name}"
        for source in OURS
        for function in source.functions
        if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES
    ]
    assert long == []


def test_no_function_nests_deeper_than_three() -> None:
    deep = [
        f"{source.path}:{function.lineno} {function.name}: {depth(function)}"
        for source in OURS
        for function in source.functions
        if depth(function) > NESTING
    ]
    assert deep == []


def test_no_function_takes_more_than_five_arguments_but_records_that_gather() -> None:
    def many(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
        arguments = function.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        return sum(argument.arg not in ("self", "cls") for argument in named)

    wide = [
        f"{source.path}:{function.lineno} {function.name}"
        for source in OURS
        for function in source.functions
        if many(function) > 5 and "noqa: PLR0913" not in source.text.splitlines()[function.lineno - 1]
    ]
    assert wide == []


def mirror(path: str) -> str:
    folder, _, name = path.removeprefix("router/").rpartition("/")
    return f"tests/{folder}/test_{name}"


def test_every_source_file_has_its_test_file() -> None:
    missing = [
        f"{source.path} -> {mirror(source.path)}"
        for source in OURS
        if not source.path.rpartition("/")[2].startswith("__")
        and source.path not in MIRRORED_ELSEWHERE
        and not (ROOT / mirror(source.path)).exists()
    ]
    assert not missing, f"{len(missing)} files without their test file:\n" + "\n".join(missing)


def test_what_is_mirrored_elsewhere_is_still_there() -> None:
    assert [path for path in MIRRORED_ELSEWHERE if not (ROOT / path).exists()] == []


def test_every_test_is_named_as_a_sentence() -> None:
    short = [
        f"{source.path}:{function.lineno} {function.name}"
        for source in found("tests")
        for function in source.functions
        if function.name.startswith("test_") and function.name.count("_") < 3
    ]
    assert short == []


def test_no_file_is_named_for_what_it_is_not() -> None:
    assert [source.path for source in EVERYTHING if Path(source.path).stem in NO_NOUNS] == []


def test_the_environment_is_read_in_one_room_only() -> None:
    def reads(node: ast.AST) -> bool:
        doors = ("environ", "environb", "getenv", "putenv")
        if isinstance(node, ast.ImportFrom):
            return node.module == "os" and any(alias.name in doors for alias in node.names)
        return isinstance(node, ast.Attribute) and node.attr in doors

    readers = {source.path for source in OURS if any(reads(node) for node in ast.walk(source.tree))}
    # litellm is switched to silence by variables that it reads while it is imported; nothing is read there.
    silenced = "router/upstreams/litellm/library.py"
    assert [path for path in sorted(readers) if not path.startswith("router/config/")] == [silenced]


def test_litellm_is_imported_in_one_function_of_one_file() -> None:
    def imports(node: ast.AST) -> bool:
        named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        whence = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        return any(name.partition(".")[0] == "litellm" for name in named + whence)

    places = [
        f"{source.path} {function.name}"
        for source in EVERYTHING
        for function in source.functions
        if any(imports(node) for node in ast.walk(function))
    ]
    anywhere = [source.path for source in EVERYTHING for node in ast.walk(source.tree) if imports(node)]
    assert places == ["router/upstreams/litellm/library.py library"]
    assert anywhere == ["router/upstreams/litellm/library.py"]


@pytest.mark.parametrize("word", ["pickle", "joblib", "marshal", "shelve", "dill", "eval", "exec", "__import__"])
def test_nothing_that_runs_what_it_reads(word: str) -> None:
    calls = {
        source.path
        for source in OURS
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == word)
        or (isinstance(node, ast.Import) and word in {alias.name.partition(".")[0] for alias in node.names})
        or (isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == word)
    }
    assert calls == set()


def test_yaml_is_read_safely_or_not_at_all() -> None:
    unsafe = re.compile(r"yaml\.(load|unsafe_load|full_load|Loader|FullLoader|UnsafeLoader)\b")
    assert [source.path for source in OURS if unsafe.search(source.text)] == []


def test_everything_is_caught_only_where_the_house_allows_it() -> None:
    def broad(handler: ast.ExceptHandler) -> bool:
        return handler.type is None or any(
            isinstance(node, ast.Name) and node.id in ("Exception", "BaseException") for node in ast.walk(handler.type)
        )

    places = {
        f"{source.path}:{node.lineno}": source.path
        for source in OURS
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and broad(node)
    }
    assert [place for place, path in places.items() if path not in BROAD] == []
    assert len(places) <= 3


# What importing does. Run in a process of its own, with every door watched.

WATCHED = """
import json, sys
seen = []
def watch(event, args):
    if event.startswith("socket.") and event != "socket.__new__" or event in ("os.remove", "os.mkdir", "os.rename"):
        seen.append(event)
    if event in ("subprocess.Popen", "os.system", "os.exec"):
        seen.append(event)
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        seen.append(f"open {args[0]}")
sys.dont_write_bytecode = True
sys.addaudithook(watch)
import importlib, threading
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps({"seen": seen, "modules": sorted(sys.modules), "threads": threading.active_count()}))
"""


def imported(*names: str) -> dict[str, Any]:
    """What a fresh process saw while it imported `names`."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *names], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_importing_opens_no_socket_writes_no_file_and_starts_nothing() -> None:
    told = imported("router.cli.main", "policies.load", "classifier.artifact", "router.core.cascade", "router.api.app")
    assert (told["seen"], told["threads"]) == ([], 1)


def test_every_module_can_be_imported_alone() -> None:
    names = [source.path.removesuffix(".py").replace("/", ".") for source in OURS]
    scripts = {"router.cli.__main__", "router.upstreams.llama_server"}
    told = imported(*(name.removesuffix(".__init__") for name in names if name not in scripts))
    assert told["seen"] == []


def test_help_imports_nothing_heavy() -> None:
    told = imported("router.cli.main", *(f"router.cli.{path.stem}" for path in (ROOT / "router/cli").glob("[a-z]*.py")))
    quick = imported("router.cli.main")
    assert [name for name in HEAVY if name in quick["modules"]] == []
    assert {"router.cli.serve", "router.cli.explain"} <= set(told["modules"])


def test_help_is_printed_without_anything_heavy() -> None:
    script = (
        "import sys, json\nfrom router.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as end:\n    status = end.code\n"
        "print(json.dumps([status, sorted(sys.modules)]))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    status, modules = json.loads(done.stdout.splitlines()[-1])
    assert status == 0
    assert [name for name in HEAVY if name in modules] == []


def test_core_and_policies_import_no_framework() -> None:
    told = imported("policies.load", "policies.decide", "router.core.cascade", "router.core.signals")
    assert [name for name in HEAVY if name in told["modules"] and name != "yaml"] == []
