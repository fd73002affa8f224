"""Recognises LiteLLM's config.yaml in the place of ours."""

from pathlib import Path

from router.config.document import MAX_BYTES, Node, read_document
from router.core.errors import Problem, SetupError

REMEDY = "rename it to litellm.yaml, then run `smallfirst init --from litellm.yaml`"


def refuse_foreign(document: Node, file: str) -> None:
    """Raise SetupError with the one thing to do, instead of a line for each of its keys."""
    if _is_litellms(document):
        line = document.pairs["model_list"].line
        raise SetupError([Problem(file, line, "model_list", "this is LiteLLM's file", REMEDY)])


def is_litellms(path: Path) -> bool:
    """Whether the file at *path* is LiteLLM's; False where it cannot be read."""
    try:
        with path.open("rb") as file:
            return _is_litellms(read_document(file.read(MAX_BYTES + 1), str(path)))
    except (OSError, SetupError):
        return False


def _is_litellms(document: Node) -> bool:
    return "model_list" in document.pairs and "upstreams" not in document.pairs
