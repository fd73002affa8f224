"""What exists: config.yaml read whole, checked whole, and resolved."""

from router.config.load import load_config
from router.config.place import load_place
from router.config.records import Config

__all__ = ["Config", "load_config", "load_place"]
