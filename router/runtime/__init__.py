"""The parts of one configuration, built whole, kept fresh, and swapped when it changes."""

from router.runtime.runtime import Runtime

__all__ = ["Runtime"]
