"""Choose: the rules in YAML, and the small engine that reads them."""
