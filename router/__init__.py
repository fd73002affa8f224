"""Act: HTTP in, upstream calls, judges, ledger, reports, command line."""

__version__ = "0.1.0"
