"""Measurements: what the proxy costs beside a bare hop, and where the built-in world's files come from."""
