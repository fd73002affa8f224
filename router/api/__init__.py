"""HTTP in, HTTP out: the rim of the house."""
