"""Code made comparable: a Python program by its syntax tree, without names of locals, blanks and comments."""

import ast
from collections.abc import Iterator
from functools import cache
from typing import Any

import re2

MAX_CHARS, MAX_DEPTH = 20_000, 60
_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")


def code_in(text: str) -> str | None:
    """Returns the longest fenced block as comparable code, None without one.

    Python is compared by its tree: names of parameters and locals, formatting, comments, annotations, docstrings and
    the examples after the definitions do not count; top-level names do, since whoever asked calls them. Anything else
    is compared as written, without blanks and comments' lines. Nothing is run: what code does is not known here.
    """
    blocks = [str(block) for block in _fence().findall(text.replace("\r\n", "\n"))]
    written = max(blocks, key=len, default="")[:MAX_CHARS]
    return _tree(written) or _plain(written) or None


def _plain(written: str) -> str:
    lines = (line.strip() for line in written.split("\n"))
    return "".join("".join(line.split()) for line in lines if line and not line.startswith(("#", "//")))


def _tree(written: str) -> str | None:
    """The canonical text of a Python program that defines something; None if it is none, or nested too deep."""
    if not written or _too_deep(written):
        return None
    try:
        module = ast.parse(written)
        kept = [
            statement for statement in module.body if not isinstance(statement, ast.Expr) and not _is_main(statement)
        ]
        if not any(isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for statement in kept):
            return None
        for statement in kept:
            _undress(statement)
            _rename(statement)
        return ast.unparse(ast.Module(kept, []))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # what the parser says of text that is no program
        return None


def _too_deep(written: str) -> bool:
    """Whether brackets, signs or indentation lie deeper than is read, which would try the parser's stack."""
    depth = run = 0
    for mark in written:
        depth += (mark in _OPENING) - (mark in _CLOSING)
        run = run + 1 if mark in "-+~." or mark.isspace() else 0
        if depth > MAX_DEPTH or run > 4 * MAX_DEPTH:
            return True
    return written.count(" not ") > MAX_DEPTH or written.count("lambda") > MAX_DEPTH


def _is_main(statement: ast.stmt) -> bool:
    """Whether it is `if __name__ == …:`, an example to be run by hand."""
    test = statement.test if isinstance(statement, ast.If) else None
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _undress(top: ast.stmt) -> None:
    """Takes out docstrings and annotations."""
    for node in ast.walk(top):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = node.body[0]
            documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            if documented and len(node.body) > 1:
                node.body = node.body[1:]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None


def _rename(top: ast.stmt) -> None:
    """Gives the parameters and locals of a top-level statement names by their order."""
    if not isinstance(top, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    names: dict[str, str] = {}
    for name in _bound(top):
        names.setdefault(name, f"%{len(names)}")
    for node in ast.walk(top):
        if isinstance(node, ast.arg):
            node.arg = names[node.arg]
        elif isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)


def _bound(top: ast.stmt) -> Iterator[str]:
    for node in ast.walk(top):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


@cache
def _fence() -> Any:
    return re2.compile(r"```[a-zA-Z0-9_+-]*\n((?s:.*?))```")
