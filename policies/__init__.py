"""Chooses what to do with a request: the rules in YAML, and the small engine that evaluates them."""
