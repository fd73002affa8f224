"""Builds the parts that a configuration names, keeps them up to date, and replaces them on a reload."""

from router.runtime.runtime import Runtime

__all__ = ["Runtime"]
