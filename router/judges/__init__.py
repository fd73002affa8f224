"""Judges: checks of a reply. Each is pure, has its own module and is found by name."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from router.core.errors import Problem, SetupError
from router.core.ports import Judge

if TYPE_CHECKING:
    from classifier.verifier import Verifier

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "structure": "router.judges.structure:Structure",
        "refusal": "router.judges.refusal:Refusal",
        "loops": "router.judges.loops:Loops",
        "confidence": "router.judges.confidence:Confidence",
        "agreement": "router.judges.agreement:Agreement",
        "verifier": "router.judges.verifier:VerifierJudge",
        "llm": "router.judges.opinion:Opinion",
    }
)


def build(names: Iterable[str], verifier: "Verifier | None" = None) -> Mapping[str, Judge]:
    """The judges of these names, in this order, by name; `verifier` is the classifier's second stage.

    A name is one of `KINDS`, or a `module:Class` of your own that is built without arguments. Raises SetupError with
    every name that cannot be found or built.
    """
    judges: dict[str, Judge] = {}
    problems: list[Problem] = []
    for name in names:
        module_name, _, class_name = KINDS.get(name, name).partition(":")
        try:
            made = getattr(import_module(module_name), class_name or "?")
            judges[name] = cast(Judge, made(verifier) if name == "verifier" else made())
        except (ImportError, AttributeError, TypeError, ValueError) as error:
            known = ", ".join(KINDS)
            remedy = f"use one of {known}, or a module:Class of your own that can be imported"
            problems.append(Problem("policies", None, "judges", f"no judge {name!r} ({error})", remedy))
    if problems:
        raise SetupError(problems)
    return judges
